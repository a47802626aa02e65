"""numba's compiler without the work that kernels do not need: half the time, with the same results.

numba is made for every Python function: it looks for closures to inline, whole-array expressions to
fuse, branches that depend on whether an argument is None. It asks each time anew what `+` of two
integers gives. It optimises each function as a program of its own, and again after each caller has
taken it in. Kernels are plain loops over arrays, and are optimised once: when everything that a
kernel calls is part of it.

All this lasts while a kernel of this package is compiled. Other users of numba notice nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from numba import types
from numba.core import (
    base,
    codegen,
    compiler,
    compiler_machinery,
    targetconfig,
    typed_passes,
    typing,
    untyped_passes,
)
from numba.core.registry import cpu_target
from numba.core.types import functions

STEPS_NOT_NEEDED = frozenset(
    {
        untyped_passes.WithLifting,
        untyped_passes.InlineClosureLikes,
        untyped_passes.RewriteSemanticConstants,
        untyped_passes.DeadBranchPrune,
        untyped_passes.RewriteDynamicRaises,
        untyped_passes.MakeFunctionToJitFunction,
        untyped_passes.InlineInlinables,
        untyped_passes.FindLiterallyCalls,
        untyped_passes.LiteralUnroll,
        untyped_passes.LiteralPropagationSubPipelinePass,
        typed_passes.InlineOverloads,
        typed_passes.NopythonRewrites,
        typed_passes.NoPythonSupportedFeatureValidation,
        typed_passes.DumpParforDiagnostics,
    }
)
"""Steps for what kernels of this package do not contain: closures, `with`, arrays as a whole."""

PACKAGE = f"{__name__.partition('.')[0]}."


class Library(codegen.JITCodeLibrary):  # type: ignore[misc]  # numba has no types
    """The code of a kernel: tidied when it is made, optimised when it is complete."""

    def _optimize_functions(self, module: Any) -> None:
        """Simplify new code as far as costs little: the whole is optimised when it is complete."""
        code = self._codegen
        module.data_layout = code._data_layout  # noqa: SLF001
        builder = code._pass_builder(opt=1, loop_vectorize=False, slp_vectorize=False)  # noqa: SLF001
        passes = builder.getFunctionPassManager()
        passes.add_refprune_pass()
        for function in module.functions:
            if not function.is_declaration:
                passes.run(function, builder)


class LibraryToLink(Library):
    """The code of a kernel for other kernels, which optimise it and make machine code of it."""

    def _optimize_final_module(self) -> None:
        """Insert what the kernel calls, where numba demands that, and no more."""
        passes, builder = self._codegen._module_pass_manager(  # noqa: SLF001
            loop_vectorize=False, slp_vectorize=False, opt=0, cost="cheap"
        )
        passes.run(self._final_module, builder)

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


class KernelCompiler(compiler.Compiler):  # type: ignore[misc]
    """numba's compiler, which takes the steps that kernels need."""

    library_class = Library

    def define_pipelines(self) -> Any:
        """Return numba's own pipeline without the steps that are not needed."""
        state = self.state
        if state.library is None:
            state.library = self.library_class(state.targetctx.codegen(), self._name())
            state.library.enable_object_caching()
        pipeline = compiler_machinery.PassManager("kernel")
        (complete,) = super().define_pipelines()
        not_needed = STEPS_NOT_NEEDED if state.func_id.modname.startswith(PACKAGE) else ()
        pipeline.passes = [step for step in complete.passes if step[0] not in not_needed]
        pipeline.finalize()
        return [pipeline]

    def _name(self) -> str:
        return str(self.state.func_id.func_qualname)


class CompilerToLink(KernelCompiler):
    """The same for an inner kernel, with neither an entry point for Python nor machine code.

    The flags are set late: those of a caller are part of the key under which numba remembers its
    own functions, such as `np.empty`. Others would have them compiled a second time.
    """

    library_class = LibraryToLink

    def define_pipelines(self) -> Any:
        """Return the pipeline, after the flags are set."""
        flags = self.state.flags
        flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
        return super().define_pipelines()


class _KnownCalls:
    """Remembers what numba's own functions return for which types: it asks dozens of candidates.

    The flags of the kernel that is compiled are part of the key: they say whether the code of such
    a function counts references to arrays. Numbers have none; what counts for them is whether a
    division by zero is an error.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], tuple[Any, Any]] = {}
        self._resolve = functions.BaseFunction.get_call_type
        self._flags: Any = None
        self._summary = ""

    def get_call_type(self, function: Any, context: Any, args: Any, named: Any) -> Any:
        """Return the signature of a call, and note which code belongs to it."""
        flags = targetconfig.ConfigStack.top_or_none()
        if flags is not self._flags:  # those of another compilation
            self._flags, self._summary = flags, flags.summary()
        call = function, context, tuple(args), tuple(named.items())
        arithmetic = flags.error_model
        known = self._known.get((*call, self._summary)) or self._known.get((*call, arithmetic))
        if known is None:
            signature: Any = self._resolve(function, context, args, named)
            known = signature, function.get_impl_key(signature)
            is_of_numbers = all(map(_is_number, (*signature.args, signature.return_type)))
            self._known[*call, arithmetic if is_of_numbers else self._summary] = known
        signature, function._impl_keys[known[0].args] = known  # noqa: SLF001
        return signature


def _is_number(type_: Any) -> bool:
    return isinstance(types.unliteral(type_), types.Number | types.Boolean)


_known_calls = _KnownCalls()
_is_compiling = False


@contextmanager
def short_compilation() -> Iterator[None]:
    """Compile kernels inside the block without what they do not need.

    Python does not search for garbage: numba keeps nearly all that it makes. numba looks for new
    functions of its own once, not for each function that it compiles.
    """
    global _is_compiling  # noqa: PLW0603
    if _is_compiling:  # a kernel that calls the one to compile
        yield
        return
    collects_garbage = gc.isenabled()
    gc.disable()
    _is_compiling = True
    try:
        cpu_target.typing_context.refresh()
        cpu_target.target_context.refresh()
        with ExitStack() as changes:
            for owner, name, value in _changes():
                changes.enter_context(_changed(owner, name, value))
            yield
    finally:
        _is_compiling = False
        if collects_garbage:
            gc.enable()


def _changes() -> Iterator[tuple[Any, str, Any]]:
    """Yield what is different during a compilation: an owner, the name of an attribute, a value."""
    code = cpu_target.target_context.codegen()
    set_environment = code.set_env

    def set_environment_of_complete_code(name: str, environment: Any) -> None:
        if code._engine.is_symbol_defined(name):  # noqa: SLF001
            set_environment(name, environment)

    def get_call_type(*args: Any) -> Any:
        return _known_calls.get_call_type(*args)

    yield functions.BaseFunction, "get_call_type", get_call_type
    yield code, "_library_class", LibraryToLink  # for numba's own functions
    yield code, "set_env", set_environment_of_complete_code
    yield compiler.CompilerBase, "__init__", _begin_without_refresh


_begin = compiler.CompilerBase.__init__


def _begin_without_refresh(*args: Any) -> None:
    """Begin to compile a function, without a search for what numba has learned since the last."""
    with ExitStack() as changes:
        for context in (typing.BaseContext, base.BaseContext):
            changes.enter_context(_changed(context, "refresh", _do_nothing))
        _begin(*args)


def _do_nothing(_: Any) -> None: ...


@contextmanager
def _changed(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Give an attribute another value inside the block."""
    has_own, own = name in vars(owner), vars(owner).get(name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if has_own:
            setattr(owner, name, own)
        else:
            delattr(owner, name)

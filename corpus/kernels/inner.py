"""Compile a kernel that only other kernels call as far as they need it, and no further.

numba makes a complete program of each function: with an entry point for Python, machine code and a
file in the cache. But two of three kernels are called by kernels alone, which contain their code.
Such an inner kernel is only typed and lowered here. If Python calls it, too, it is compiled as
usual.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import compiler, sigutils, typing
from numba.core.compiler_lock import global_compiler_lock

from corpus.kernels.short_compiler import CompilerToLink, KernelCompiler, short_compilation


class InnerKernel:
    """What other kernels see of a kernel: its code to link to, for each type of arguments.

    It replaces the two methods by which numba's compiler asks a kernel for its code.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._results: dict[tuple[Any, ...], Any] = {}
        kernel.get_call_template = self.get_call_template
        kernel.get_overload = self.get_overload
        kernel.inner_signatures = self._results.keys()

    def get_call_template(self, args: Any, named: Any) -> Any:
        """Return how numba types a call: for each type of arguments, not for each constant."""
        signature, args = self._kernel.fold_argument_types(
            tuple(map(types.unliteral, args)),
            {name: types.unliteral(type) for name, type in named.items()},
        )
        name = self._kernel.py_func.__name__
        result = self._result(tuple(args))
        template = typing.make_concrete_template(
            f"CallTemplate({name})", key=name, signatures=[result.signature]
        )
        return template, signature, args, {}

    def get_overload(self, signature: Any) -> Any:
        """Return what stands for the code of a signature in numba's tables."""
        args, _ = sigutils.normalize_signature(signature)
        return self._result(tuple(args)).entry_point

    def _result(self, args: tuple[Any, ...]) -> Any:
        """Return the code for these types of arguments: that for Python if there is one."""
        complete = self._kernel.overloads.get(args)
        if complete is not None:
            return complete
        if args not in self._results:
            with global_compiler_lock, self._kernel._compiling_counter:  # noqa: SLF001
                self._results[args] = self._compile(args)
        return self._results[args]

    def _compile(self, args: tuple[Any, ...]) -> Any:
        kernel = self._kernel
        target = kernel.targetctx
        flags = compiler.Flags()
        kernel.targetdescr.options.parse_as_flags(flags, kernel.targetoptions)
        with short_compilation():
            result = compiler.compile_extra(
                *(kernel.typingctx, target, kernel.py_func, args, None, flags, kernel.locals),
                pipeline_class=CompilerToLink,
            )
        result = result._replace(entry_point=object())
        target.insert_user_function(result.entry_point, result.fndesc, [result.library])
        return result


def compile_in_short(kernel: Any) -> None:
    """Let numba compile a kernel without the work that kernels do not need."""
    compile_types = kernel._compiler.compile  # noqa: SLF001  there is no public way

    def compile_types_in_short(*args: Any) -> Any:
        with global_compiler_lock, short_compilation():
            return compile_types(*args)

    kernel._compiler.compile = compile_types_in_short  # noqa: SLF001
    kernel._compiler.pipeline_class = KernelCompiler  # noqa: SLF001

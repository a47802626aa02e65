"""The TeX names of letters, operators and functions in formulas."""

# ruff: noqa: RUF001, SIM905  (the characters are looked up; names are easier to read in a row)

from __future__ import annotations

_SMALL = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho"
_AFTER_SIGMA = "sigma tau upsilon phi chi psi omega"
_CAPITAL = {
    "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma",
    "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
_SIGNS = {
    "≤": "leq", "≥": "geq", "≠": "neq", "≈": "approx", "≡": "equiv", "≅": "cong", "≪": "ll",
    "≫": "gg", "∼": "sim", "≃": "simeq", "∝": "propto", "±": "pm", "∓": "mp", "×": "times",
    "÷": "div", "⋅": "cdot", "·": "cdot", "∗": "ast", "∘": "circ", "∙": "bullet", "∞": "infty",
    "∂": "partial", "∇": "nabla", "∑": "sum", "∏": "prod", "∫": "int", "∬": "iint", "∮": "oint",
    "∈": "in", "∉": "notin", "∋": "ni", "⊂": "subset", "⊆": "subseteq", "⊃": "supset",
    "⊇": "supseteq", "∪": "cup", "∩": "cap", "∅": "emptyset", "∖": "setminus", "∀": "forall",
    "∃": "exists", "¬": "neg", "∧": "wedge", "∨": "vee", "⊕": "oplus", "⊗": "otimes", "⊥": "perp",
    "→": "to", "←": "leftarrow", "↔": "leftrightarrow", "⇒": "Rightarrow", "⇐": "Leftarrow",
    "⇔": "Leftrightarrow", "↦": "mapsto", "⟶": "longrightarrow", "⟨": "langle", "⟩": "rangle",
    "⌊": "lfloor", "⌋": "rfloor", "⌈": "lceil", "⌉": "rceil", "…": "ldots", "⋯": "cdots",
    "⋮": "vdots", "⋱": "ddots", "ℏ": "hbar", "ℓ": "ell", "ℜ": "Re", "ℑ": "Im", "ℵ": "aleph",
    "′": "prime", "∥": "parallel", "‖": "|", "√": "surd", "ϵ": "epsilon", "ϕ": "phi",
    "ϑ": "vartheta", "ϖ": "varpi", "ϱ": "varrho", "ς": "varsigma", "†": "dagger",
}  # fmt: skip
_BLACKBOARD = {"ℝ": "R", "ℤ": "Z", "ℕ": "N", "ℚ": "Q", "ℂ": "C", "ℙ": "P", "ℍ": "H"}

SYMBOLS: dict[str, str] = {
    **{chr(0x3B1 + i): f"\\{name}" for i, name in enumerate(_SMALL.split()) if name != "omicron"},
    **{chr(0x3C3 + i): f"\\{name}" for i, name in enumerate(_AFTER_SIGMA.split())},
    **{char: f"\\{name}" for char, name in (_CAPITAL | _SIGNS).items()},
    **{char: f"\\mathbb{{{letter}}}" for char, letter in _BLACKBOARD.items()},
    **{char: f"\\{char}" for char in "#%&_{}$"},
    **dict.fromkeys("\u2061\u2062\u2063\u2064\u200b\u200c\ufeff", ""),  # operators that nobody sees
    "\\": "\\backslash",
    "−": "-",
    "\u2009": " ",
    "\u00a0": " ",
}  # fmt: skip
"""The TeX of a character; others stand for themselves."""

FUNCTIONS = frozenset(
    (
        "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim "
        "liminf limsup ln log max min Pr sec sin sinh sup tan tanh"
    ).split()
)
"""Names that are commands of TeX."""
LIMITS = frozenset(
    f"\\{name}" for name in "sum prod int iint oint lim max min sup inf limsup liminf".split()
)
"""Operators whose limits are written as indices."""
ACCENTS = {
    "^": "hat", "ˆ": "hat", "~": "tilde", "˜": "tilde", "\\sim": "tilde", "¯": "bar",
    "‾": "overline", "―": "overline", "\\to": "vec", "⃗": "vec", "˙": "dot", ".": "dot",
    "¨": "ddot", "ˇ": "check", "⏞": "overbrace", "_": "underline",
}  # fmt: skip
"""The command of an accent above a letter."""

"""How a statement looks to a reader: LaTeX lines, MathML, and sentences with Greek letters."""

import functools
import html
import re
import xml.etree.ElementTree as ElementTree

import sympy as sp
from latex2mathml.converter import convert_to_element
from markupsafe import Markup

__all__ = ["mathml", "prose", "slug", "statement_lines"]

# All that a formula may hold: what else a record of somebody else's brings is not shown.
TAGS = frozenset(
    "math mrow mi mn mo mtext mspace mfrac msup msub msubsup munder mover munderover msqrt mroot "
    "mtable mtr mtd mstyle".split()
)
ATTRIBUTES = frozenset(
    "width columnalign displaystyle linethickness mathvariant stretchy form fence".split()
)
BRACKETS = frozenset("()[]{}⟨⟩")  # stretchy fences by themselves, first or last in their row

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "psi": "ψ", "chi": "χ",
    "omega": "ω", "Lambda": "Λ", "Phi": "Φ", "Sigma": "Σ", "Delta": "Δ",
}
SIGNS = {"&lt;=": "≤", "&gt;=": "≥", "!=": "≠", "-&gt;": "→", "+-": "±"}

_LETTER = rf"(?:{'|'.join(GREEK)})(?![A-Za-z])"
_INSIDE = r"\((?:[^()]|\([^()]*\))*\)"
# A lone letter (starred or primed, or after its exponent) and an index; no name of a function.
_BASE = rf"(?:{_LETTER}|[α-ω]|[A-Za-z]|sum|int|max|min)"
_INDEX = re.compile(
    rf"(?<![A-Za-z.])({_BASE}(?:\^2)?['*]?)_(\w+|{{[^{{}}]*}})(?!_)"
)
_POWER = re.compile(rf"(?<=[\w)'|>])\^({_INSIDE}|-?[\w*]+)")


def statement_lines(statement):
    """Return (role, LaTeX) pairs for a statement: variables, definitions, hypotheses, goal."""
    goal = statement.goal.args if isinstance(statement.goal, sp.And) else (statement.goal,)
    lines = [("for all", r",\quad ".join(statement.domains_latex()))]
    lines += [("where", rf"{sp.latex(s)} = {sp.latex(e)}") for s, e in statement.where.items()]
    lines += [("assume", sp.latex(h)) for h in statement.hypotheses]
    return lines + [("then" if n == 0 else "and", sp.latex(g)) for n, g in enumerate(goal)]


def slug(text):
    """Return a text as a word for a class or an anchor.

    Examples
    --------
    >>> slug("proved modulo")
    'proved-modulo'
    """
    return "".join(c if c.isalnum() else "-" for c in str(text)).strip("-")


def prose(text):
    """Return a sentence in plain characters as HTML: Greek letters, powers, indices, signs.

    Examples
    --------
    >>> print(prose("rho^(2T)|theta_0|^2 <= d & so on"))
    ρ<sup>2T</sup>|θ<sub>0</sub>|<sup>2</sup> ≤ d &amp; so on
    """
    text = html.escape(str(text), quote=False)
    text = _POWER.sub(lambda m: f"<sup>{_unwrapped(m[1])}</sup>", _INDEX.sub(_indexed, text))
    text = re.sub(rf"(?<![A-Za-z]){_LETTER}", lambda m: GREEK[m[0]], text)
    for plain, sign in SIGNS.items():
        text = text.replace(plain, sign)
    text = re.sub(r"(?<!\w)oo(?!\w)", "∞", text)
    return Markup(re.sub(r"\bsqrt ?(?=[(\dα-ω])", "√", text))


def _indexed(match):
    letter = {"sum": "Σ", "int": "∫"}.get(match[1], match[1])
    return f"{letter}<sub>{match[2].strip('{}')}</sub>"


def _unwrapped(power):
    """Return an exponent without the brackets around all of it."""
    return power[1:-1] if power.startswith("(") else power


@functools.lru_cache(maxsize=4096)
def mathml(latex):
    """Return LaTeX as MathML, or as code where it cannot be converted."""
    try:
        root = _plain(convert_to_element(latex))
    except Exception:  # the converter raises whatever its parser meets
        return Markup(f"<code>{html.escape(latex)}</code>")
    root.attrib = {"displaystyle": "true"}
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=False))


def _plain(element):
    """Return a formula with what is allowed alone, and without what says nothing."""
    tag = element.tag
    if tag not in TAGS:
        raise ValueError(f"tag = {tag!r}: must be one of MathML")
    children = [_plain(child) for child in element]
    text = html.unescape(element.text or "").strip()  # the converter names signs by number
    if tag == "mrow" and len(children) == 1:
        return children[0]
    plain = ElementTree.Element(tag)
    if text:
        plain.text = text
    if text not in BRACKETS:
        plain.attrib = {k: v for k, v in element.attrib.items() if k in ATTRIBUTES}
    if tag == "math" and len(children) == 1 and children[0].tag == "mrow":
        children = list(children[0])
    plain.extend(children)
    return plain

"""A second opinion: what Z3 finds unsatisfiable, cvc5 is asked again, in SMT-LIB.

The two solvers share no code. cvc5 may agree, find no answer in its time, or find the question
satisfiable: then one of them is wrong, and no verdict may rest on it.
"""

import contextlib
import importlib.util
import subprocess
import sys

__all__ = ["AGREES", "DISAGREES", "NO_ANSWER", "ask", "asked", "available", "note"]

AGREES, NO_ANSWER, DISAGREES = "agrees", "no answer", "disagrees"
SECONDS = 3.0  # a question

_open = []  # collections under way in this process, innermost last


def available():
    """Return whether cvc5 is installed."""
    return importlib.util.find_spec("cvc5") is not None


@contextlib.contextmanager
def asked():
    """Collect the questions that Z3 answers with "unsatisfiable" meanwhile, as a list."""
    questions = []
    _open.append(questions)
    try:
        yield questions
    finally:
        _open.remove(questions)


def note(solver):
    """Remember the question of a Z3 solver, if somebody collects."""
    if _open:
        _open[-1].append(solver.to_smt2())


def ask(question, seconds=SECONDS):
    """Return what cvc5 says of an SMT-LIB question that Z3 found unsatisfiable.

    It is asked in a process of its own: cylindrical algebraic coverings, which decide most
    polynomial questions at once, heed no time limit where they do not.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", __file__], input=question, text=True, capture_output=True,
            timeout=seconds, check=False,
        )
    except subprocess.TimeoutExpired:
        return NO_ANSWER
    return {"unsat": AGREES, "sat": DISAGREES}.get(done.stdout.strip(), NO_ANSWER)


def _answer(question):
    """Return "unsat", "sat" or "unknown": by linearisation, and where that fails by coverings."""
    answer = "unknown"
    for options in ({"tlimit-per": "300"}, {"nl-cov": "true", "nl-ext": "none"}):
        answer = _one_answer(question, options)
        if answer in ("sat", "unsat"):
            break
    return answer


def _one_answer(question, options):
    import cvc5

    solver = cvc5.Solver()
    for name, value in options.items():
        solver.setOption(name, value)
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, f"(set-logic ALL)\n{question}", "z3")
    symbols, answer = parser.getSymbolManager(), ""
    while not (command := parser.nextCommand()).isNull():
        answer = command.invoke(solver, symbols).strip() or answer
    return answer


if __name__ == "__main__":
    sys.stdout.write(_answer(sys.stdin.read()))

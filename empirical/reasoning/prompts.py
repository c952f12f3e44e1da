"""How a problem is put to a model and a solution is read off what it wrote."""

from dataclasses import dataclass

__all__ = ["OWN", "PRETRAINED", "Wording", "wording"]


@dataclass(frozen=True, slots=True)
class Wording:
    """The words around question and solution.

    Attributes
    ----------
    before, after : str
        Around a question.
    lead : str
        Between `after` and the solution, a part of the answer.
    between : str
        After a worked example.
    stops : tuple of str
        Where an answer is over though no end mark was written.
    """

    before: str
    after: str
    lead: str = ""
    between: str = ""
    stops: tuple = ()

    def prompt(self, question):
        """Return what a model is given."""
        return f"{self.before}{question}{self.after}"

    def answer(self, solution):
        """Return what it should write."""
        return f"{self.lead}{solution}"

    def examples(self, problems):
        """Return worked examples as one text; empty without problems."""
        return "".join(
            self.prompt(item.question) + self.answer(item.solution) + self.between
            for item in problems
        )

    def cut(self, text):
        """Return an answer up to where it is over."""
        for stop in self.stops:
            text = text.partition(stop)[0]
        return text


OWN = Wording("", "\n")
PRETRAINED = Wording("Question: ", "\nAnswer:", " ", "\n\n", ("\n\n", "\nQuestion:"))


def wording(model):
    """Return the wording for a :class:`~empirical.language.shape.ModelConfig`."""
    return PRETRAINED if model.weights else OWN

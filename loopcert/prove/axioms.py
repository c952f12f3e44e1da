"""Standard theorems that the engines do not prove; every verdict that rests on one names it.

The list is closed: a proof may use nothing else.  Each entry is a schema, a function of SymPy
terms that returns the formula which the theorem asserts of them; what cannot be said in real
arithmetic (a law is normal, a point attracts) is a named proposition.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

__all__ = ["AXIOMS", "Axiom"]


@dataclass(frozen=True, slots=True)
class Axiom:
    """A named theorem: what it says in words, where it stands, and its formal schema."""

    name: str
    text: str
    reference: str
    schema: Callable


def _implies(*, premise, conclusion):
    return sp.Implies(premise, conclusion)


AXIOMS = {
    axiom.name: axiom
    for axiom in (
        Axiom(
            "uniqueness of characteristic functions",
            "Two laws on R^d with the same characteristic function are equal.",
            "Billingsley, Probability and Measure, Theorem 26.2",
            _implies,
        ),
        Axiom(
            "spectral theorem",
            "For a positive definite H and a symmetric F there is a basis of vectors v with "
            "F v = c H v, orthonormal in <x, y> = x'Hy; F >= 0 gives c >= 0.",
            "Horn and Johnson, Matrix Analysis, Theorem 7.6.4",
            _implies,
        ),
        Axiom(
            "implicit function theorem",
            "A C^1 equation with an invertible partial derivative has a unique C^1 solution "
            "branch near a solution.",
            "Rudin, Principles of Mathematical Analysis, Theorem 9.28",
            _implies,
        ),
        Axiom(
            "Ostrowski",
            "A fixed point at which the map is differentiable with spectral radius below one is "
            "a point of attraction.",
            "Ortega and Rheinboldt, Iterative Solution of Nonlinear Equations, Theorem 10.1.3",
            _implies,
        ),
        Axiom(
            "information equality",
            "Where differentiation under the integral is allowed, the expected negative Hessian "
            "of the log density equals the covariance of the score, hence is >= 0.",
            "Lehmann and Casella, Theory of Point Estimation, Lemma 2.5.3",
            _implies,
        ),
        Axiom(
            "Kantorovich-Rubinstein",
            "For an L-Lipschitz f, |E_p f - E_q f| <= L W_1(p, q) <= L W_2(p, q).",
            "Villani, Optimal Transport, Remark 6.5",
            _implies,
        ),
        Axiom(
            "Prekopa",
            "The convolution of two log-concave functions is log-concave, strictly if one is "
            "strictly log-concave and the other is not degenerate.",
            "Prekopa 1973, Acta Sci. Math. 34",
            _implies,
        ),
        Axiom(
            "single crossing",
            "If D changes sign once on (0, inf), from plus to minus, and the integral of s D(s) "
            "is zero, then that of s^3 D(s) is negative.",
            "Karlin and Novikoff 1963, Pacific J. Math. 13",
            _implies,
        ),
        Axiom(
            "orthant law",
            "The directions of a standard normal vector are uniform, so two half-spaces through "
            "the origin disagree on a share angle/pi of it.",
            "Sheppard 1899, Phil. Trans. A 192",
            _implies,
        ),
        Axiom(
            "Glivenko-Cantelli",
            "The largest distance of the empirical distribution function of n independent points "
            "to that of their law tends to 0, almost surely and in the mean, in any dimension.",
            "van der Vaart and Wellner, Weak Convergence and Empirical Processes, Section 2.4",
            _implies,
        ),
        Axiom(
            "Dvoretzky-Kiefer-Wolfowitz",
            "On the line that distance exceeds x with probability at most 2 exp(-2 n x^2); its "
            "mean is at most the integral of this bound.",
            "Massart 1990, Annals of Probability 18",
            _implies,
        ),
        Axiom(
            "mean value inequality",
            "A C^1 map whose derivative at a fixed point has norm below R contracts by R on some "
            "ball about it.",
            "Rudin, Principles of Mathematical Analysis, Theorem 9.19",
            _implies,
        ),
        Axiom(
            "Basel series",
            "1 + 1/4 + ... + 1/T^2 < pi^2/6 for every T.",
            "Euler 1735; Rudin, Principles of Mathematical Analysis, Exercise 8.13",
            _implies,
        ),
        Axiom(
            "differentiation under the integral",
            "Where the derivative of the integrand in the parameter has an integrable bound, "
            "derivative and integral may be exchanged.",
            "Billingsley, Probability and Measure, Theorem 16.8",
            _implies,
        ),
        Axiom(
            "Anderson",
            "A centred normal vector lies in a symmetric convex set at least as probably as the "
            "same vector shifted.",
            "Anderson 1955, Proc. Amer. Math. Soc. 6",
            _implies,
        ),
        Axiom(
            "Gaussian concentration",
            "For a standard normal Z on R^d and a 1-Lipschitz f, P(f(Z) >= E f(Z) + t) <= "
            "exp(-t^2/2) for every t >= 0.",
            "Boucheron, Lugosi and Massart, Concentration Inequalities, Theorem 5.6",
            _implies,
        ),
        Axiom(
            "Gaussian maxima",
            "Centred normal X_t of variance one with |corr(X_s, X_t)| <= r_|t-s| < 1 and r_k log "
            "k -> 0 have limsup X_t/sqrt(2 log t) = 1 almost surely.",
            "Leadbetter, Lindgren and Rootzen, Extremes and Related Properties of Random "
            "Sequences and Processes, chapter 6",
            _implies,
        ),
        Axiom(
            "Euler's sine product",
            "Over i = 1, 2, ... sin(pi x)/(pi x) is the product of 1 - x^2/i^2 and pi^2/6 the sum "
            "of 1/i^2; for 0 < x < 1 the partial products fall to the one, the partial sums rise "
            "to the other.",
            "Ahlfors, Complex Analysis, 5.2.1-5.2.3",
            _implies,
        ),
        Axiom(
            "strong law of large numbers",
            "The averages of independent copies of an integrable random variable converge almost "
            "surely to its mean.",
            "Billingsley, Probability and Measure, Theorem 22.1",
            _implies,
        ),
        Axiom(
            "Marchenko-Pastur",
            "Z is n by d, of independent standard normal entries, d/n -> c and lambda > 0. For "
            "vectors u, v independent of Z with entries of bounded moments, u'lambda (ZZ'/n + "
            "lambda)^(-1)v/n and u'Z(Z'Z/n + lambda)^(-2)Z'v/n^2 are k_1 u'v/n and k_2 u'v/n in "
            "the limit, with k_1 = 1 - c + c lambda m(lambda), k_2 = c d(lambda m)/d lambda and "
            "m the Stieltjes transform at -lambda of the Marchenko-Pastur law.",
            "Bai and Silverstein, Spectral Analysis of Large Dimensional Random Matrices, "
            "Theorem 3.6; Rudelson and Vershynin 2013, Electron. Commun. Probab. 18",
            _implies,
        ),
        Axiom(
            "inverse Wishart mean",
            "For n rows of X that are independent N(0, C) in R^p, n >= p + 2, the mean of "
            "(X'X)^(-1) is C^(-1)/(n - p - 1).",
            "Muirhead, Aspects of Multivariate Statistical Theory, section 3.2.3",
            _implies,
        ),
    )
}

// The formulas of the phase diagrams: from settings to values. Their twins are in theory/.
const formulas = {
  angles({gen, prune, shared}) {
    const g = Math.PI * gen, p = Math.PI * prune;
    const apart = Math.acos(Math.cos(g) * Math.cos(p));
    const between = (1 - shared) * apart + shared * Math.abs(g - p);
    const phi = (2 * Math.PI - g - p - between) / (2 * (Math.PI - g));
    const psi = (g + p - between) / (2 * g);
    const good = (1 - gen) * phi, bad = gen * psi;
    const cosine = (Math.cos(g) + Math.cos(p)) / (2 * Math.cos(between / 2));
    return {
      phi, psi, star: phi / (phi + psi), border: 1 - prune, precision: good / (good + bad),
      retention: good + bad,
      accuracy: 1 - Math.acos(Math.max(-1, Math.min(1, cosine))) / Math.PI,
    };
  },
  rates({p, phi, psi, n}) {
    const good = (1 - p) * phi, bad = p * psi, items = Math.floor(n + 0.5);
    return {
      star: phi / (phi + psi), precision: good / (good + bad), margin: good - bad,
      next: bad / (good + bad),
      width: Math.sqrt(2 * phi * psi / (items * (phi + psi) ** 3)),
      exponent: -Math.log1p(-((Math.sqrt(good) - Math.sqrt(bad)) ** 2)),
    };
  },
  correction({ratio, strength}) {
    const q = 1 / (1 + strength), a = strength / (1 + strength);
    const root = Math.sqrt((1 - a) * (17 - 9 * a));
    return {
      sharp: ratio / ((1 + ratio) * (1 + strength)),
      printed: ratio < 1 ? ratio / ((1 - ratio) * (1 + strength)) : Infinity,
      limit: (1 + strength) / (2 + strength),
      inflation: (1 + ratio + 2 * ratio * q / (1 + ratio - ratio * q))
        / ((1 + ratio) ** 2 - (ratio * q) ** 2),
      critical: strength >= 1 ? 0 : 2 * (1 - 2 * a) / (a * (3 - a + root)),
    };
  },
  budget({total, bias2, contraction, noise, initial}) {
    const K = contraction, bias = bias2 + noise / ((1 - K) ** 2 * total);
    const exact = Math.log1p(initial / bias) / Math.log(1 / K);
    const T = Math.max(1, Math.floor(exact + 0.5)), left = K ** T, sum = (1 - left) / (1 - K);
    return {
      least: 1 / (1 / initial + 1 / bias), rounds: exact,
      floor: 1 / (1 / initial + 1 / bias2),
      plan: (1 - left) ** 2 * bias2 + left ** 2 * initial + noise * sum ** 2 / total,
      first: total * K ** (T - 1) / sum, last: total / sum,
      penalty: T * (1 - left ** 2) * (1 - K) / ((1 + K) * (1 - left) ** 2),
    };
  },
};

// What a map shades: a scale from low to high ("even" in between where two sides differ).
const shades = {
  accuracy: {sides: [0, 0.5, 1]}, precision: {sides: [0, 0.5, 1]}, star: {sides: [0, 0.5, 1]},
  margin: {sides: [-1, 0, 1]}, sharp: {from: 0, to: 1}, inflation: {sides: [1.5, 1, 0.5]},
  least: {from: 1e-3, to: 1, log: true}, rounds: {from: 0, to: 30},
};

// Lines in a map, as functions from x to y (or to nothing), and the contour levels of a shade.
const borders = {
  angles: () => [{y: (x) => 1 - x, text: "angles add to π"}],
  rates: ({phi}) => [{y: (x) => phi * (1 - x) / x, text: "p = p*"}],
  correction: () => [
    {x: (y) => (1 + y) / (2 + y), text: "printed theorem: left of this"},
    {x: (y) => formulas.correction({ratio: 1, strength: y}).critical, dashed: true,
     text: "synthetic data help: right of this"},
  ],
  budget: ({contraction, noise}) => [
    {y: (x) => noise / ((1 - contraction) ** 2 * x), text: "budget and bias weigh the same"}],
};
const levels = {
  sharp: [0.1, 0.2, 0.3, 0.5, 0.7], inflation: [0.5, 0.75, 1, 1.1, 1.25],
  least: [0.003, 0.01, 0.03, 0.1, 0.3], rounds: [2, 5, 10, 15, 20],
  accuracy: [0.25, 0.75, 0.9], precision: [0.25, 0.75, 0.9], margin: [-0.25, 0.25], star: [0.75],
};

// One sentence on where the sliders stand.
const readings = {
  angles(set, v) {
    const side = set.gen + set.prune < 1 ? "beats" : "falls below";
    const better = v.accuracy > 1 - set.gen ? "more" : "less";
    return `Training on what survives ${side} chance: ${percent(v.accuracy)} right, ${better} `
      + `than the generator's ${percent(1 - set.gen)}.`;
  },
  rates(set, v) {
    return set.p < v.star
      ? `Below the breakdown point: ${percent(v.precision)} of what is kept is right.`
      : `Beyond the breakdown point: only ${percent(v.precision)} of what is kept is right.`;
  },
  correction(set, v) {
    const printed = v.printed < 1 ? "the printed theorem says so too"
      : "the printed theorem says nothing here";
    const helps = v.inflation < 1 ? "better than real data alone" : "worse than real data alone";
    return `Stable: a round leaves ${percent(v.sharp)} of the error; ${printed}. It settles `
      + `${helps} (${show(v.inflation)} times the error).`;
  },
  budget(set, v) {
    const limit = v.least - v.floor > v.floor ? "the budget" : "the verifier's bias";
    return `Mostly ${limit} limits the error: ${show(v.least)} at best, ${show(v.floor)} with `
      + "no end of samples.";
  },
};

function percent(x) { return `${(100 * x).toFixed(1)} %`; }

function show(x) {
  if (x === Infinity) return "∞";
  if (x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e6)) return x.toExponential(2);
  return String(Number(x.toPrecision(4)));
}

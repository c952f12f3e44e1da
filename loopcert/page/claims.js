{
  const byId = (id) => document.getElementById(id);
  const query = byId("query"), shown = byId("shown"), form = query.form;
  const picks = ["subject", "verdict", "engine", "kind"].map(byId);
  const claims = [...document.querySelectorAll(".claim")];
  const GREEK = {α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", θ: "theta",
    κ: "kappa", λ: "lambda", μ: "mu", π: "pi", ρ: "rho", σ: "sigma", τ: "tau", φ: "phi", ψ: "psi"};

  const filter = () => {
    const words = query.value.toLowerCase().replace(/[α-ω]/g, (c) => GREEK[c] || c)
      .split(/\s+/).filter(Boolean);
    const [subject, verdict, engine, kind] = picks.map((select) => select.value);
    let count = 0;
    for (const claim of claims) {
      const data = claim.dataset;
      const hit = words.every((word) => data.search.includes(word))
        && (!subject || data.subject === subject) && (!verdict || data.verdict === verdict)
        && (!engine || data.engines.split(" ").includes(engine))
        && (!kind || data.kind.split(" ").includes(kind));
      claim.hidden = !hit;
      count += hit;
    }
    shown.textContent = `${count} of ${claims.length}`;
    byId("nothing").hidden = count > 0;
    for (const section of document.querySelectorAll(".subject")) {
      section.hidden = !section.querySelector(".claim:not([hidden])");
    }
  };

  // A claim that is linked to opens, also where the filter hides it.
  const open = () => {
    const claim = byId(decodeURIComponent(location.hash.slice(1)));
    if (!claim || !claim.classList.contains("claim")) return;
    if (claim.hidden) { form.reset(); filter(); }
    claim.open = true;
    claim.scrollIntoView({block: "start"});
  };

  query.addEventListener("input", filter);
  for (const select of picks) select.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  addEventListener("hashchange", open);
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    query.focus();
  });
  for (const pick of document.querySelectorAll(".pick")) {
    pick.addEventListener("click", () => {
      form.reset();
      byId("subject").value = pick.dataset.subject;
      byId("verdict").value = pick.dataset.verdict;
      setTimeout(filter);
    });
  }

  // What engines were asked is packed: it is long, and few read it.
  let questions = null;
  const unpack = async () => {
    const packed = Uint8Array.from(atob(byId("questions").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };
  for (const part of document.querySelectorAll(".question")) {
    part.addEventListener("toggle", async () => {
      if (!part.open || part.dataset.filled) return;
      questions = questions || unpack();
      part.querySelector("pre").textContent = (await questions)[part.dataset.question];
      part.dataset.filled = "yes";
    });
  }

  // A figure is in the page once; where it is spoken of it is shown when that is opened.
  const picture = (place) => {
    for (const link of place.querySelectorAll("[data-picture]")) {
      const image = document.querySelector(`#figure-${link.dataset.picture} img`);
      if (!image || link.querySelector("img")) continue;
      const copy = image.cloneNode();
      copy.style.display = "block";
      link.append(copy);
    }
  };
  for (const part of document.querySelectorAll(".claim, .group")) {
    part.addEventListener("toggle", () => part.open && picture(part));
  }

  filter();
  open();
}

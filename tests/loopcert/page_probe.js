// Put into a copy of the page by test_page.py: uses it as a reader would, and writes what it sees.
(async () => {
  const byId = (id) => document.getElementById(id);
  const later = () => new Promise((done) => setTimeout(done, 20));
  const type = (input, text) => {
    input.value = text;
    input.dispatchEvent(new Event("input"));
  };
  const pick = (select, value) => {
    select.value = value;
    select.dispatchEvent(new Event("change"));
  };
  const visible = () => [...document.querySelectorAll(".claim:not([hidden])")].map((c) => c.id);
  const seen = {errors: []};
  addEventListener("error", (event) => seen.errors.push(event.message));
  addEventListener("unhandledrejection", (event) => seen.errors.push(String(event.reason)));

  // Sliders, moved together; a small generator gives the same settings every time.
  let state = 12345;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  seen.settings = [];
  for (const panel of document.querySelectorAll(".panel")) {
    const inputs = [...panel.querySelectorAll("input")];
    for (let k = 0; k < 200; k++) {
      for (const input of inputs) input.value = String(random());
      inputs[0].dispatchEvent(new Event("input"));
      const positions = Object.fromEntries(inputs.map((i) => [i.dataset.name, Number(i.value)]));
      const values = Object.fromEntries([...panel.querySelectorAll("[data-value]")].map(
        (output) => [output.dataset.value, [output.dataset.exact, output.textContent]]));
      seen.settings.push({panel: panel.dataset.panel, positions, values});
    }
  }

  // The maps are painted, in more than one colour, and follow the pointer.
  const panel = document.querySelector(".panel"), plot = panel.querySelector(".plot");
  await later();
  const context = panel.querySelector("canvas").getContext("2d");
  seen.colours = [[10, 170], [170, 10]].map(([x, y]) => [...context.getImageData(x, y, 1, 1).data]);
  seen.readings = [...document.querySelectorAll(".reading")].map((p) => p.textContent);
  const area = plot.getBoundingClientRect();
  plot.setPointerCapture = () => {};
  plot.dispatchEvent(new PointerEvent("pointerdown", {
    pointerId: 1, clientX: area.left + area.width * (56 + 294 / 2) / 360,
    clientY: area.top + area.height * (10 + 275 / 4) / 330}));
  seen.pointed = ["gen", "prune"].map((name) => Number(byId(`angles-${name}`).value));

  // Filters.
  seen.all = visible();
  type(byId("query"), "square");
  seen.found = visible();
  type(byId("query"), "theta ≤");
  seen.nothing = [visible(), byId("nothing").hidden, byId("shown").textContent];
  byId("query").form.reset();
  await later();
  pick(byId("verdict"), "refuted");
  seen.refuted = visible();
  pick(byId("verdict"), "");
  pick(byId("engine"), "z3");
  seen.z3 = visible();
  pick(byId("engine"), "");
  pick(byId("kind"), "erratum");
  seen.errata = visible();

  // A link opens a claim that the filter hides; its question is unpacked, its figure is shown.
  location.hash = "#SW-07";
  await later();
  await later();
  seen.opened = [...document.querySelectorAll(".claim[open]")].map((c) => c.id);
  const question = byId("SW-07").querySelector(".question");
  question.open = true;
  for (let k = 0; k < 50 && !question.dataset.filled; k++) await later();
  seen.question = question.querySelector("pre").textContent;
  seen.pictures = byId("SW-07").querySelectorAll(".pictured img").length;

  // The graph.
  const svg = document.querySelector("#graph-view svg");
  const whole = svg.getAttribute("viewBox");
  document.querySelector("#graph-tools [data-zoom='1.4']").click();
  const nearer = svg.getAttribute("viewBox");
  byId("graph-view").dispatchEvent(new KeyboardEvent("keydown", {key: "0"}));
  seen.zoom = [whole, nearer, svg.getAttribute("viewBox")];
  svg.querySelector("a[data-id='X-3']").dispatchEvent(
    new MouseEvent("click", {bubbles: true, cancelable: true}));
  seen.near = [...svg.querySelectorAll("a.near")].map((a) => a.dataset.id).sort();
  seen.choice = byId("graph-choice").textContent;
  type(byId("graph-query"), "x-2");
  seen.typed = svg.querySelector(".node.here text").textContent;

  // Light and dark.
  const paper = () => getComputedStyle(document.body).backgroundColor;
  byId("theme").click();
  seen.light = paper();
  byId("theme").click();
  seen.dark = paper();

  await later();
  const out = document.createElement("pre");
  out.id = "probe";
  out.textContent = JSON.stringify(seen);
  document.body.append(out);
})();

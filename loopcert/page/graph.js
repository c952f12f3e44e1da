{
  const view = document.getElementById("graph-view"), svg = view.querySelector("svg");
  const query = document.getElementById("graph-query"), choice = document.getElementById("graph-choice");
  const [, , WIDTH, HEIGHT] = svg.getAttribute("viewBox").split(" ").map(Number);
  const nodes = new Map([...svg.querySelectorAll("a")].map((a) => [a.dataset.id, a]));
  const edges = [...svg.querySelectorAll(".edge")];
  let box = {x: 0, y: 0, w: WIDTH, h: HEIGHT}, moved = false;
  view.classList.add("live");

  const set = (next) => {
    const w = Math.max(200, Math.min(WIDTH, next.w)), h = w * HEIGHT / WIDTH;
    box = {w, h, x: Math.max(-w / 4, Math.min(WIDTH - 3 * w / 4, next.x)),
      y: Math.max(-h / 4, Math.min(HEIGHT - 3 * h / 4, next.y))};
    svg.setAttribute("viewBox", `${box.x} ${box.y} ${box.w} ${box.h}`);
  };

  // Zoom by a factor about a place of the drawing.
  const zoom = (factor, x = box.x + box.w / 2, y = box.y + box.h / 2) => {
    const w = Math.max(200, Math.min(WIDTH, box.w / factor)), k = w / box.w;
    set({w, x: x - (x - box.x) * k, y: y - (y - box.y) * k});
  };
  const whole = () => set({x: 0, y: 0, w: WIDTH});

  const place = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [at.x, at.y];
  };

  // All claims that a claim leads to along edges, forwards or backwards.
  const reached = (id, from, to) => {
    const found = new Set([id]), waiting = [id];
    while (waiting.length) {
      const here = waiting.pop();
      for (const edge of edges) {
        if (edge.dataset[from] !== here || found.has(edge.dataset[to])) continue;
        found.add(edge.dataset[to]);
        waiting.push(edge.dataset[to]);
      }
    }
    return found;
  };

  const choose = (id, centre = false) => {
    for (const part of svg.querySelectorAll(".near, .here")) part.classList.remove("near", "here");
    svg.classList.toggle("chosen", nodes.has(id));
    choice.textContent = "";
    if (!nodes.has(id)) return;
    const below = reached(id, "to", "from"), above = reached(id, "from", "to");
    for (const [name, node] of nodes) node.classList.toggle("near", below.has(name) || above.has(name));
    for (const edge of edges) {
      const {from, to} = edge.dataset;
      edge.classList.toggle("near", below.has(from) && below.has(to) || above.has(from) && above.has(to));
    }
    const node = nodes.get(id).querySelector(".node");
    node.classList.add("here");
    const link = document.createElement("a"), claim = document.getElementById(id);
    link.href = `#${id}`;
    link.textContent = "Open its evidence";
    for (const part of [".id", ".title", ".verdict"]) {
      choice.append(claim.querySelector(part).cloneNode(true), " ");
    }
    choice.append(`It rests on ${below.size - 1}; ${above.size - 1} rest on it. `, link);
    if (centre) fit([...below, ...above]);
  };

  // Show these claims as large as they fit.
  const fit = (names) => {
    const at = names.map((name) => nodes.get(name).querySelector("rect"));
    const xs = at.map((r) => Number(r.getAttribute("x"))), ys = at.map((r) => Number(r.getAttribute("y")));
    const [left, right, top, bottom] = [Math.min(...xs) - 60, Math.max(...xs) + 180,
      Math.min(...ys) - 60, Math.max(...ys) + 80];
    const w = Math.max(900, right - left, (bottom - top) * WIDTH / HEIGHT);
    set({w, x: (left + right - w) / 2, y: (top + bottom - w * HEIGHT / WIDTH) / 2});
  };

  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== view) return; // the page scrolls
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, ...place(event));
  }, {passive: false});

  let start = null;
  view.addEventListener("pointerdown", (event) => {
    start = {at: place(event), id: event.pointerId, x: event.clientX, y: event.clientY};
    moved = false;
  });
  addEventListener("pointermove", (event) => {
    if (!start || event.pointerId !== start.id) return;
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > 4) moved = true;
    if (!moved) return;
    const [x, y] = place(event);
    set({w: box.w, x: box.x + start.at[0] - x, y: box.y + start.at[1] - y});
  });
  addEventListener("pointerup", () => { start = null; });
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  svg.addEventListener("click", (event) => {
    const node = event.target.closest("a");
    event.preventDefault();
    if (!moved) choose(node ? node.dataset.id : "");
  });
  view.addEventListener("keydown", (event) => {
    const step = box.w / 10, moves = {
      "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), 0: whole,
      ArrowLeft: () => set({...box, x: box.x - step}), ArrowRight: () => set({...box, x: box.x + step}),
      ArrowUp: () => set({...box, y: box.y - step}), ArrowDown: () => set({...box, y: box.y + step}),
      Escape: () => choose(""),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  });
  for (const button of document.querySelectorAll("#graph-tools [data-zoom]")) {
    const factor = Number(button.dataset.zoom);
    button.addEventListener("click", () => factor ? zoom(factor) : whole());
  }
  query.addEventListener("input", () => choose(query.value.trim().toUpperCase(), true));
  query.form.addEventListener("submit", (event) => event.preventDefault());
  for (const link of document.querySelectorAll(".tograph")) {
    link.addEventListener("click", () => {
      query.value = link.dataset.id;
      choose(link.dataset.id, true);
      view.focus({preventScroll: true});
    });
  }
}

{
  // The map lies in a drawing of 360 x 330: its left, top, width and height there.
  const BOX = {left: 56, top: 10, width: 294, height: 275}, CELLS = 90;

  const space = (input) => {
    const low = Number(input.dataset.low), high = Number(input.dataset.high);
    const log = "log" in input.dataset;
    return {
      log, low, high,
      at: (share) => log ? low * (high / low) ** share : low + (high - low) * share,
      share: (value) => log ? Math.log(value / low) / Math.log(high / low)
        : (value - low) / (high - low),
      ticks: () => log ? powers(low, high) : steps(low, high),
    };
  };

  const powers = (low, high) => {
    const found = [];
    for (let k = Math.ceil(Math.log10(low) - 1e-9); 10 ** k <= high * 1.0001; k++) {
      found.push(10 ** k);
    }
    return found;
  };

  const steps = (low, high) => {
    const step = [0.1, 0.2, 0.25, 0.5, 1, 2].find((size) => (high - low) / size <= 6);
    const first = Math.ceil(low / step - 1e-9), count = Math.floor(high / step + 1e-9) - first + 1;
    return Array.from({length: count}, (_, k) => (first + k) * step);
  };

  const colour = (name) => {
    const text = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    const full = text.length === 4 ? text.replace(/[\da-f]/gi, "$&$&") : text;
    return [1, 3, 5].map((i) => parseInt(full.slice(i, i + 2), 16));
  };

  const blend = (a, b, t) => a.map((x, i) => x + (b[i] - x) * t);

  // Returns a function from a value to a colour.
  const scale = (shade) => {
    const {sides, from, to, log} = shades[shade];
    const [low, mid, high] = (sides ? ["bad", "even", "good"] : ["low", "mid", "high"]).map(colour);
    const share = (value) => {
      if (sides) {
        const [a, b, c] = sides;
        const below = (value - b) / (a - b), above = (value - b) / (c - b);
        return below > 0 ? 0.5 - Math.min(below, 1) / 2 : 0.5 + Math.min(above, 1) / 2;
      }
      const t = log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
      return Math.max(0, Math.min(1, t));
    };
    return (value) => {
      const t = share(value);
      return t < 0.5 ? blend(low, mid, 2 * t) : blend(mid, high, 2 * t - 1);
    };
  };

  class Panel {
    constructor(root) {
      this.root = root;
      this.name = root.dataset.panel;
      this.inputs = [...root.querySelectorAll("input")];
      this.shade = root.querySelector(".shade");
      this.canvas = root.querySelector("canvas");
      this.drawing = root.querySelector(".plot svg");
      this.axes = ["x", "y"].map((axis) => {
        const input = this.inputs.find((one) => one.dataset.name === root.dataset[axis]);
        return {input, ...space(input)};
      });
      this.seen = "";
      for (const input of this.inputs) input.addEventListener("input", () => this.update());
      this.shade.addEventListener("change", () => this.update());
      addEventListener("theme", () => { this.seen = ""; this.update(); });
      this.drag(root.querySelector(".plot"));
      this.update();
    }

    get settings() {
      return Object.fromEntries(this.inputs.map(
        (input) => [input.dataset.name, space(input).at(Number(input.value))]));
    }

    update() {
      const settings = this.settings, values = formulas[this.name](settings);
      for (const input of this.inputs) {
        const unit = input.dataset.unit, text = show(settings[input.dataset.name]) + unit;
        input.nextElementSibling.textContent = text;
        input.setAttribute("aria-valuetext", text.replace("π", " pi"));
      }
      for (const output of this.root.querySelectorAll("[data-value]")) {
        output.textContent = show(values[output.dataset.value]);
        output.dataset.exact = String(values[output.dataset.value]);
      }
      this.root.querySelector(".reading").textContent = readings[this.name](settings, values);
      this.due = this.due || requestAnimationFrame(() => {
        this.due = 0;
        this.paint(this.settings);
      });
    }

    // The value of the shade at a place of the map, both from 0 to 1.
    value(settings, x, y) {
      const [across, up] = this.axes;
      const there = {...settings, [across.input.dataset.name]: across.at(x),
        [up.input.dataset.name]: up.at(y)};
      return formulas[this.name](there)[this.shade.value];
    }

    paint(settings) {
      const rest = {...settings};
      for (const axis of this.axes) delete rest[axis.input.dataset.name];
      const wanted = JSON.stringify([rest, this.shade.value]);
      if (wanted !== this.seen) {
        this.seen = wanted;
        this.grid = [];
        for (let j = 0; j <= CELLS; j++) {
          this.grid.push(Array.from({length: CELLS + 1},
            (_, i) => this.value(settings, i / CELLS, j / CELLS)));
        }
        this.fill();
        this.frame = this.lines(settings) + this.border(settings) + this.labels();
      }
      const [x, y] = this.axes.map((axis) => Number(axis.input.value));
      this.drawing.innerHTML = `${this.frame}<circle class="hand" r="6" cx="${px(x)}" cy="${py(y)}"/>`;
    }

    fill() {
      const tint = scale(this.shade.value), side = this.canvas.width;
      const context = this.canvas.getContext("2d"), image = context.createImageData(side, side);
      for (let j = 0; j < side; j++) {
        for (let i = 0; i < side; i++) {
          const value = between(this.grid, i / (side - 1), 1 - j / (side - 1));
          image.data.set([...tint(value), 255], 4 * (j * side + i));
        }
      }
      context.putImageData(image, 0, 0);
    }

    // Contour lines by marching squares, one short segment a cell.
    lines() {
      const parts = [], label = [];
      for (const level of levels[this.shade.value] || []) {
        let path = "", last = null;
        for (let j = 0; j < CELLS; j++) {
          for (let i = 0; i < CELLS; i++) {
            const ends = crossing(this.grid, i, j, level);
            if (ends.length < 2) continue;
            path += `M${px(ends[0][0])} ${py(ends[0][1])}L${px(ends[1][0])} ${py(ends[1][1])}`;
            if (ends[0][0] > 0.05 && ends[0][0] < 0.93 && ends[0][1] > 0.04 && ends[0][1] < 0.93) {
              last = ends[0];
            }
          }
        }
        parts.push(`<path class="level" d="${path}"/>`);
        if (last) {
          label.push(`<text class="halo" x="${px(last[0])}" y="${py(last[1]) + 4}">${level}</text>`);
        }
      }
      return parts.join("") + label.join("");
    }

    border(settings) {
      const [across, up] = this.axes;
      return borders[this.name](settings).map(({x, y, dashed, text}) => {
        const points = [];
        for (let k = 0; k <= 200; k++) {
          const t = k / 200;
          const at = y ? [t, up.share(y(across.at(t)))] : [across.share(x(up.at(t))), t];
          if (at.every((c) => c >= -0.001 && c <= 1.001)) points.push(at);
        }
        if (points.length < 2) return "";
        const d = points.map(([u, v], i) => `${i ? "L" : "M"}${px(u)} ${py(v)}`).join("");
        const [u, v] = points[Math.floor(points.length * (y ? 0.5 : dashed ? 0.85 : 0.72))];
        const wide = 5.7 * text.length, edge = BOX.left + BOX.width - 3;
        const left = px(u) + 7 + wide <= edge ? px(u) + 7 : Math.max(BOX.left + 3, px(u) - 7 - wide);
        return `<path class="border${dashed ? " dashed" : ""}" d="${d}"/><text class="halo" x="`
          + `${Math.min(left, edge - wide)}" y="${py(v) - 5}">${text}</text>`;
      }).join("");
    }

    labels() {
      const [across, up] = this.axes, base = BOX.top + BOX.height;
      const ticks = [
        ...across.ticks().map((v) => `<text class="tick" x="${px(across.share(v))}" y="${base + 15}">${tick(v)}</text>`),
        ...up.ticks().map((v) => `<text class="ytick" x="${BOX.left - 5}" y="${py(up.share(v)) + 4}">${tick(v)}</text>`),
      ];
      const name = (axis) => axis.input.dataset.symbol.replace(/_(\w+)/,
        '<tspan dy="3" font-size="9">$1</tspan>') + (axis.input.dataset.unit ? '<tspan dy="-3"> /π</tspan>' : "");
      const middle = BOX.top + BOX.height / 2;
      return `${ticks.join("")}<text class="name" x="${BOX.left + BOX.width / 2}" y="${base + 34}">${name(across)}</text>`
        + `<text class="name" transform="translate(12 ${middle}) rotate(-90)">${name(up)}</text>`;
    }

    drag(plot) {
      const move = (event) => {
        const area = plot.getBoundingClientRect(), unit = area.width / 360;
        const place = [((event.clientX - area.left) / unit - BOX.left) / BOX.width,
          1 - ((event.clientY - area.top) / unit - BOX.top) / BOX.height];
        this.axes.forEach((axis, i) => {
          axis.input.value = String(Math.max(0, Math.min(1, place[i])));
        });
        this.update();
      };
      plot.addEventListener("pointerdown", (event) => {
        plot.setPointerCapture(event.pointerId);
        move(event);
      });
      plot.addEventListener("pointermove", (event) => {
        if (plot.hasPointerCapture(event.pointerId)) move(event);
      });
    }
  }

  const px = (x) => Math.round(10 * (BOX.left + BOX.width * x)) / 10;
  const py = (y) => Math.round(10 * (BOX.top + BOX.height * (1 - y))) / 10;
  const tick = (v) => v >= 1e4 || v < 1e-2 && v > 0 ? v.toExponential(0).replace("e+", "e")
    : String(Number(v.toPrecision(2)));

  // Bilinear interpolation in the grid.
  const between = (grid, x, y) => {
    const i = Math.min(CELLS - 1, Math.floor(x * CELLS)), j = Math.min(CELLS - 1, Math.floor(y * CELLS));
    const u = x * CELLS - i, v = y * CELLS - j;
    return (1 - v) * ((1 - u) * grid[j][i] + u * grid[j][i + 1])
      + v * ((1 - u) * grid[j + 1][i] + u * grid[j + 1][i + 1]);
  };

  // Where a level passes through the sides of a cell: none or two places.
  const crossing = (grid, i, j, level) => {
    const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], found = [];
    for (let k = 0; k < 4; k++) {
      const [a, b] = [corners[k], corners[(k + 1) % 4]];
      const [from, to] = [grid[a[1]][a[0]] - level, grid[b[1]][b[0]] - level];
      if ((from < 0) === (to < 0)) continue;
      const t = from / (from - to);
      found.push([(a[0] + t * (b[0] - a[0])) / CELLS, (a[1] + t * (b[1] - a[1])) / CELLS]);
    }
    return found;
  };

  for (const root of document.querySelectorAll(".panel")) new Panel(root);
}

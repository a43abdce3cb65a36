"use strict";
const T = JSON.parse(document.getElementById("timeline").textContent);
const events = T.events.map((e, index) => ({ ...e, index, self: e.duration_us - e.nested_us }));
const $ = (id) => document.getElementById(id);

// ---- words and numbers

function amount(value, unit = "") {
  const prefixes = ["", "k", "M", "G", "T", "P", "E"];
  let power = 0;
  while (Math.abs(value) >= 999.5 && power + 1 < prefixes.length) { value /= 1000; ++power; }
  const suffix = prefixes[power] + unit;
  return value.toFixed(power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2) + (suffix ? " " + suffix : "");
}
function time(us) {
  if (us < 1e3) return us.toFixed(1) + " µs";
  return us < 1e6 ? (us / 1e3).toFixed(3) + " ms" : (us / 1e6).toFixed(3) + " s";
}
// "10 ms", "2.5 µs": for axes.
function mark(us) {
  const [unit, name] = us < 1e3 ? [1, "µs"] : us < 1e6 ? [1e3, "ms"] : [1e6, "s"];
  return `${Number((us / unit).toPrecision(6))} ${name}`;
}
const percent = (part, whole) => whole > 0 ? (100 * part / whole).toFixed(1) + " %" : "";
const rate = (n, us, unit) => n > 0 && us > 0 ? amount(n / us * 1e6, unit) : "";
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
function drawn(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// ---- operators and their colours

const hues = [215, 25, 140, 350, 265, 185, 45, 310, 95, 5];
const byOperator = new Map();
for (const e of events) {
  const o = byOperator.get(e.op) ?? { op: e.op, steps: 0, us: 0, roof: 0, operations: 0, bytes: 0 };
  byOperator.set(e.op, o);
  o.steps += 1; o.us += e.self; o.roof += e.roof_us; o.operations += e.operations; o.bytes += e.bytes;
}
const operators = [...byOperator.values()].sort((a, b) => b.us - a.us);
operators.forEach((o, i) => { o.colour = i < hues.length ? `hsl(${hues[i]} 62% 54%)` : "hsl(220 8% 55%)"; });
const colour = (e) => byOperator.get(e.op).colour;

// ---- summary

const total = T.duration_us;
const roofTotal = events.reduce((sum, e) => sum + e.roof_us, 0);
const peak = T.memory.reduce((most, m) => Math.max(most, m.arena_bytes + m.buffer_bytes), 0);
document.title = `${T.graph} on ${T.machine}`;
$("title").textContent = document.title;
$("source").textContent = [T.source, ...T.notes].join(" · ");
for (const [value, label] of [
  [time(total), `${(1e6 / total).toFixed(1)} per second`],
  [roofTotal ? percent(roofTotal, total) : "", "of the roof, all steps together"],
  [rate(T.operations, total, "op/s"), `${amount(T.operations)} operations`],
  [rate(T.bytes, total, "B/s"), `${amount(T.bytes, "B")} moved`],
  [peak ? amount(peak, "B") : "", "memory at most, without constants"],
  [T.energy_j > 0 ? T.energy_j.toPrecision(3) + " J" : "", "energy, an estimate"],
  [String(events.length), "steps"],
]) if (value) $("cards").append(element("div", {}, element("b", { textContent: value }), element("span", { textContent: label })));

for (const o of operators.slice(0, 14)) {
  const track = element("span", { className: "track" });
  const bar = element("i"), roof = element("u");
  bar.style.width = 100 * o.us / operators[0].us + "%";
  bar.style.background = o.colour;
  roof.style.width = Math.min(100, 100 * o.roof / operators[0].us) + "%";
  track.append(bar, roof);
  const row = element("button", { className: "operator", type: "button" },
    element("span", { textContent: o.op }), track, element("span", { textContent: percent(o.us, total) }));
  row.addEventListener("click", () => { $("filter").value = o.op; showSteps(); $("filter").scrollIntoView({ block: "center" }); });
  tipOn(row, () => `${o.op}: ${o.steps} steps, ${time(o.us)}\n${rate(o.operations, o.us, "op/s")} ${rate(o.bytes, o.us, "B/s")}` +
    (o.roof ? `\n${percent(o.roof, o.us)} of the roof` : ""));
  $("operators").append(row);
}
if (roofTotal) $("operators").append(element("p", { className: "hint", textContent: "The thin bar is the time at the roof." }));

// ---- hints under the pointer

function tipAt(x, y, text) {
  const tip = $("tip");
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - tip.offsetWidth - 6)) + "px";
  tip.style.top = Math.max(4, Math.min(y + 16, innerHeight - tip.offsetHeight - 6)) + "px";
}
function tipOn(target, text) {
  target.addEventListener("pointermove", (p) => tipAt(p.clientX, p.clientY, text()));
  target.addEventListener("pointerleave", () => tipAt(0, 0, ""));
}
const inShort = (e) => `${e.op}  ${time(e.self)}\n${e.node} ${e.shape}` + (e.roof_us ? `\n${percent(e.roof_us, e.self)} of the roof, limit: ${e.limit}` : "");

// ---- roofline: operations per second over operations per byte, both logarithmic

function drawRoofline() {
  const dots = events.filter((e) => e.operations > 0 && e.bytes > 0 && e.self > 0)
    .map((e) => ({ e, x: e.operations / e.bytes, y: e.operations / e.self * 1e6 }))
    .sort((a, b) => b.e.self - a.e.self).slice(0, 2000);
  if (!T.roof || !dots.length) { $("roofline-section").hidden = true; return; }
  const formats = new Set(dots.map((d) => d.e.format));
  let rates = Object.entries(T.roof.operations_per_s).filter(([format]) => formats.has(format));
  if (!rates.length) rates = [["f32", T.roof.operations_per_s.f32 ?? Math.max(...Object.values(T.roof.operations_per_s))]];
  const levels = T.roof.bandwidth.length > 1 ? [T.roof.bandwidth[0], T.roof.bandwidth.at(-1)] : T.roof.bandwidth;
  const top = Math.max(...rates.map(([, r]) => r));
  const W = Math.max(300, $("roofline").clientWidth), H = Math.min(400, 0.7 * W + 40), L = 62, B = 40, R = 14, U = 20;
  const slow = levels.at(-1).bytes_per_s;
  const xs = [...dots.map((d) => d.x), top / slow * 4], ys = [...dots.map((d) => d.y * 1.5), top * 1.6];
  const low = (v) => 10 ** Math.floor(Math.log10(Math.min(...v)) - 0.05), high = (v) => Math.max(...v);
  const x0 = Math.max(low(xs), 1e-3), x1 = high(xs), y0 = Math.max(low(ys), top / 1e6), y1 = high(ys);
  const X = (v) => L + (W - L - R) * Math.log(Math.max(v, x0) / x0) / Math.log(x1 / x0);
  const Y = (v) => H - B - (H - B - U) * Math.log(Math.max(v, y0) / y0) / Math.log(y1 / y0);
  const svg = drawn("svg", { viewBox: `0 0 ${W} ${H}`, role: "img" });
  for (let p = Math.ceil(Math.log10(x0)); 10 ** p <= x1; ++p) {
    svg.append(drawn("line", { x1: X(10 ** p), x2: X(10 ** p), y1: U, y2: H - B, stroke: "var(--line)" }),
      drawn("text", { x: X(10 ** p), y: H - B + 15, "text-anchor": "middle" }, p < 0 ? (10 ** p).toFixed(-p) : amount(10 ** p)));
  }
  for (let p = Math.ceil(Math.log10(y0)); 10 ** p <= y1; ++p)
    svg.append(drawn("line", { x1: L, x2: W - R, y1: Y(10 ** p), y2: Y(10 ** p), stroke: "var(--line)" }),
      drawn("text", { x: L - 6, y: Y(10 ** p) + 4, "text-anchor": "end" }, amount(10 ** p)));
  svg.append(drawn("text", { x: (L + W) / 2, y: H - 6, "text-anchor": "middle" }, "operations per byte"),
    drawn("text", { x: 0, y: 0, transform: `translate(12 ${H / 2}) rotate(-90)`, "text-anchor": "middle" }, "operations per second"));
  for (const { e, x, y } of dots) {
    const dot = drawn("circle", { cx: X(x), cy: Y(y), r: 3 + 16 * Math.sqrt(e.self / total), fill: colour(e), "fill-opacity": 0.55, stroke: colour(e) });
    tipOn(dot, () => `${inShort(e)}\n${amount(y, "op/s")}, ${x.toPrecision(3)} op/B`);
    dot.addEventListener("click", () => pick(e.index, true));
    svg.append(dot);
  }
  levels.forEach((level, i) => {
    const b = level.bytes_per_s, start = Math.max(x0, y0 / b);
    svg.append(drawn("line", { x1: X(start), y1: Y(start * b), x2: X(top / b), y2: Y(top), stroke: "var(--text)", "stroke-width": 1.5, "stroke-dasharray": i + 1 < levels.length ? "5 4" : "none" }));
    const at = start * (top / b / start) ** 0.45;
    const slope = Math.atan2(Y(top) - Y(start * b), X(top / b) - X(start)) * 180 / Math.PI;
    svg.append(drawn("text", { x: 0, y: -5, transform: `translate(${X(at)} ${Y(at * b)}) rotate(${slope})`, "text-anchor": "middle" }, `${levels.length > 1 && i === 0 ? "cache" : "memory"} ${amount(b, "B/s")}`));
  });
  for (const [format, r] of rates)
    svg.append(drawn("line", { x1: X(r / levels[0].bytes_per_s), y1: Y(r), x2: W - R, y2: Y(r), stroke: "var(--text)", "stroke-width": 1.5 }),
      drawn("text", { x: W - R, y: Y(r) - 5, "text-anchor": "end" }, `${format} ${amount(r, "op/s")}`));
  $("roofline").replaceChildren(svg);
}
drawRoofline();

// ---- lanes: steps by depth of nesting, threads, memory

const depths = [];
{
  const open = [];
  for (const e of events) {
    while (open.length && e.start_us >= open.at(-1).start_us + open.at(-1).duration_us - 1e-6) open.pop();
    depths.push(open.length);
    if (e.nested_us > 0) open.push(e);
  }
}
const first = events.length ? events[0].start_us : 0;
const view = { from: first, to: first + Math.max(total, 1e-3) };
const lanes = [];
for (let d = 0; d <= depths.reduce((a, b) => Math.max(a, b), 0); ++d)
  lanes.push({ label: d ? "nested" : "steps", height: 26, parts: events.filter((e) => depths[e.index] === d).map((e) => ({ e, start: e.start_us, us: e.duration_us })) });
for (const thread of [...new Set(T.threads.map((s) => s.thread))].sort((a, b) => a - b))
  lanes.push({ label: `worker ${thread}`, height: 16, parts: T.threads.filter((s) => s.thread === thread).map((s) => ({ e: events[s.event], start: s.start_us, us: s.duration_us })) });
const memoryHeight = peak ? 90 : 0, labelHeight = 16, axisHeight = 20;
const canvas = $("lanes");
let picked = -1, scheduled = false;

function draw() {
  scheduled = false;
  const width = canvas.clientWidth, height = lanes.reduce((h, l) => h + l.height + labelHeight, axisHeight) + (peak ? memoryHeight + labelHeight + 8 : 0);
  const scale = devicePixelRatio || 1;
  canvas.style.height = height + "px";
  canvas.width = width * scale; canvas.height = height * scale;
  const c = canvas.getContext("2d");
  c.scale(scale, scale);
  c.font = "11px system-ui, sans-serif";
  c.textBaseline = "middle";
  const X = (us) => (us - view.from) / (view.to - view.from) * width;
  const soft = style("--soft"), line = style("--line"), text = style("--text");
  const step = niceStep((view.to - view.from) / Math.max(2, width / 110));
  c.fillStyle = soft; c.strokeStyle = line;
  for (let t = Math.ceil(view.from / step) * step; t <= view.to; t += step) {
    c.beginPath(); c.moveTo(X(t), 0); c.lineTo(X(t), height); c.stroke();
    c.fillText(mark(t), X(t) + 3, 8);
  }
  let y = axisHeight;
  for (const lane of lanes) {
    c.fillStyle = soft; c.fillText(lane.label, 2, y + 7);
    y += labelHeight;
    lane.y = y;
    let drawnTo = -1;
    for (const part of lane.parts) {
      const left = X(part.start), right = X(part.start + part.us);
      if (right < 0 || left > width || right - drawnTo < 0.3) continue;
      drawnTo = right;
      c.fillStyle = colour(part.e);
      c.fillRect(left, y, Math.max(0.6, right - left - 0.4), lane.height);
      const shown = Math.max(left, 0);
      if (lane.height > 20 && Math.min(right, width) - shown > 34) {
        c.save(); c.beginPath(); c.rect(shown, y, Math.min(right, width) - shown - 4, lane.height); c.clip();
        c.fillStyle = "#fff"; c.fillText(part.e.op, shown + 4, y + lane.height / 2); c.restore();
      }
      if (part.e.index === picked) { c.strokeStyle = text; c.lineWidth = 2; c.strokeRect(left, y, Math.max(2, right - left), lane.height); c.lineWidth = 1; }
    }
    y += lane.height;
  }
  if (peak) drawMemory(c, X, y + 8, width, soft);
  $("range").textContent = `${time(view.from)} to ${time(view.to)}`;
}
// Two areas, one on the other: buffers, then the arena.
function drawMemory(c, X, y, width, soft) {
  c.fillStyle = soft; c.fillText(`memory, ${amount(peak, "B")} at most: arena over inputs and outputs`, 2, y + 7);
  const bottom = y + labelHeight + memoryHeight;
  for (const [level, fill] of [[(m) => m.arena_bytes + m.buffer_bytes, "hsl(215 62% 54% / .65)"], [(m) => m.buffer_bytes, "hsl(25 70% 54% / .8)"]]) {
    c.beginPath(); c.moveTo(Math.max(0, X(first)), bottom);
    let last = 0;
    for (const m of T.memory) {
      const x = Math.min(width, Math.max(0, X(m.time_us)));
      c.lineTo(x, bottom - last); last = memoryHeight * level(m) / peak; c.lineTo(x, bottom - last);
    }
    c.lineTo(Math.min(width, X(first + total)), bottom - last); c.lineTo(Math.min(width, X(first + total)), bottom); c.closePath();
    c.fillStyle = fill; c.fill();
  }
}
function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].find((n) => n * power >= rough) * power;
}
function schedule() { if (!scheduled) { scheduled = true; requestAnimationFrame(draw); } }
function setView(from, to) {
  const least = Math.max(total / 1e6, 1e-3), span = Math.min(Math.max(to - from, least), Math.max(total, least));
  from = Math.min(Math.max(from, first), first + total - span);
  view.from = from; view.to = from + span;
  schedule();
}
function zoom(factor, at = 0.5) {
  const centre = view.from + (view.to - view.from) * at, span = (view.to - view.from) * factor;
  setView(centre - span * at, centre + span * (1 - at));
}
function partAt(p) {
  const box = canvas.getBoundingClientRect(), y = p.clientY - box.top;
  const t = view.from + (p.clientX - box.left) / box.width * (view.to - view.from), slack = (view.to - view.from) * 2 / box.width;
  for (const lane of lanes)
    if (y >= lane.y && y <= lane.y + lane.height) {
      const hits = lane.parts.filter((q) => t >= q.start - slack && t <= q.start + q.us + slack);
      return hits.find((q) => t >= q.start && t <= q.start + q.us) ?? hits[0];
    }
}
const pointers = new Map();
let moved = 0;
canvas.addEventListener("pointerdown", (p) => { pointers.set(p.pointerId, p); canvas.setPointerCapture(p.pointerId); moved = 0; });
canvas.addEventListener("pointermove", (p) => {
  const before = pointers.get(p.pointerId), perPixel = (view.to - view.from) / canvas.clientWidth;
  if (!before) { const part = partAt(p); tipAt(p.clientX, p.clientY, part ? inShort(part.e) : ""); return; }
  tipAt(0, 0, "");
  const other = [...pointers.values()].find((q) => q.pointerId !== p.pointerId);
  if (other) {
    const gap = (q) => Math.max(12, Math.abs(q.clientX - other.clientX)), box = canvas.getBoundingClientRect();
    zoom(gap(before) / gap(p), ((p.clientX + other.clientX) / 2 - box.left) / box.width);
  } else {
    const by = (before.clientX - p.clientX) * perPixel;
    moved += Math.abs(p.clientX - before.clientX);
    setView(view.from + by, view.to + by);
  }
  pointers.set(p.pointerId, p);
});
for (const end of ["pointerup", "pointercancel"])
  canvas.addEventListener(end, (p) => {
    pointers.delete(p.pointerId);
    const part = end === "pointerup" && moved < 5 ? partAt(p) : undefined;
    if (part) pick(part.e.index, false);
  });
canvas.addEventListener("pointerleave", () => tipAt(0, 0, ""));
canvas.addEventListener("wheel", (w) => {
  if (!w.ctrlKey && !w.metaKey) return;
  w.preventDefault();
  const box = canvas.getBoundingClientRect();
  zoom(Math.exp(w.deltaY / 300), (w.clientX - box.left) / box.width);
}, { passive: false });
canvas.addEventListener("keydown", (k) => {
  const span = view.to - view.from, act = {
    "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1.7),
    ArrowLeft: () => setView(view.from - span / 5, view.to - span / 5), ArrowRight: () => setView(view.from + span / 5, view.to + span / 5),
  }[k.key];
  if (act) { act(); k.preventDefault(); }
});
for (const button of document.querySelectorAll("[data-zoom]"))
  button.addEventListener("click", () => ({ in: () => zoom(0.5), out: () => zoom(2), all: () => setView(first, first + total) })[button.dataset.zoom]());

// ---- one step, everywhere

function pick(index, show) {
  picked = index;
  const e = events[index];
  const facts = [["Operator", e.op], ["Node", e.node], ["Makes", e.shape], ["Time", `${time(e.self)}, ${percent(e.self, total)} of all`],
    ["Starts", time(e.start_us)], ["Operations", e.operations ? `${amount(e.operations)} ${e.format}, ${rate(e.operations, e.self, "op/s")}` : ""],
    ["Moves", e.bytes ? `${amount(e.bytes, "B")}, ${rate(e.bytes, e.self, "B/s")}` : ""],
    ["Roof", e.roof_us ? `${time(e.roof_us)}, ${percent(e.roof_us, e.self)}` : ""], ["Limit", e.limit],
    ...T.counters.map((name, i) => [name, e.counters?.[i] === undefined ? "" : amount(e.counters[i])])];
  $("picked").replaceChildren(...facts.filter(([, value]) => value)
    .flatMap(([name, value]) => [element("dt", { textContent: name }), element("dd", { textContent: value })]));
  for (const row of document.querySelectorAll("#steps tr.picked")) row.classList.remove("picked");
  document.querySelector(`#steps tr[data-index="${index}"]`)?.classList.add("picked");
  if (show) {
    const margin = Math.max(e.duration_us * 4, total / 200);
    setView(e.start_us - margin, e.start_us + e.duration_us + margin);
    canvas.scrollIntoView({ block: "center", behavior: "smooth" });
  } else schedule();
}

// ---- hot path: the longest way along what steps read, by time

function drawPath() {
  const best = [], from = [];
  for (const e of events) {
    from[e.index] = (e.reads ?? []).reduce((most, r) => most < 0 || best[r] > best[most] ? r : most, -1);
    best[e.index] = e.self + (from[e.index] < 0 ? 0 : best[from[e.index]]);
  }
  const path = [];
  let at = best.indexOf(best.reduce((a, b) => Math.max(a, b), 0));
  for (; at >= 0; at = from[at]) path.unshift(events[at]);
  $("path-section").hidden = path.length < 2;
  if (path.length < 2) return;
  // What takes little is drawn together with its neighbours of that kind.
  const groups = [];
  for (const e of path) {
    const small = e.self < total / 100, last = groups.at(-1);
    if (small && last?.small) last.steps.push(e); else groups.push({ small, steps: [e] });
  }
  const us = (steps) => steps.reduce((sum, e) => sum + e.self, 0);
  $("path-section").querySelector("h2").append(`: ${path.length} steps, ${time(us(path))}, ${percent(us(path), total)} of all`);
  for (const { steps } of groups) {
    const e = steps[0], others = steps.length > 1 ? `${steps.length} small steps` : e.op;
    const button = element("button", { type: "button" }, element("b", { textContent: others }),
      element("span", { textContent: `${time(us(steps))}, ${percent(us(steps), total)}` }));
    button.style.borderLeftColor = steps.length > 1 ? "var(--line)" : colour(e);
    button.addEventListener("click", () => pick(e.index, true));
    tipOn(button, () => steps.length > 1 ? steps.slice(0, 12).map((s) => `${s.op} ${s.node}`).join("\n") : inShort(e));
    const item = element("li", {}, button);
    item.style.flexGrow = Math.round(1000 * us(steps) / total) + 1;
    $("path").append(item);
  }
}
drawPath();

// ---- table

const columns = [
  ["Operator", (e) => e.op, (e) => e.op, "name"],
  ["Node", (e) => e.node, (e) => e.node, "name"],
  ["Time", (e) => e.self, (e) => time(e.self)],
  ["Of all", (e) => e.self, (e) => percent(e.self, total)],
  ["Of roof", (e) => e.roof_us / e.self || 0, (e) => e.roof_us ? percent(e.roof_us, e.self) : ""],
  ["Limit", (e) => e.limit, (e) => e.limit, "name"],
  ["Operations", (e) => e.operations, (e) => e.operations ? amount(e.operations) : ""],
  ["Rate", (e) => e.operations / e.self || 0, (e) => rate(e.operations, e.self, "op/s")],
  ["Moved", (e) => e.bytes, (e) => e.bytes ? amount(e.bytes, "B") : ""],
  ["Start", (e) => e.start_us, (e) => time(e.start_us)],
  ["Shape", (e) => e.shape, (e) => e.shape, "name"],
  ...T.counters.map((name, i) => [name, (e) => e.counters?.[i] ?? 0, (e) => e.counters ? amount(e.counters[i]) : ""]),
];
const table = { column: 2, down: true, limit: 100 };
function showSteps() {
  const wanted = $("filter").value.toLowerCase();
  const [, key] = columns[table.column], sign = table.down ? -1 : 1;
  const rows = events.filter((e) => `${e.op} ${e.node} ${e.shape}`.toLowerCase().includes(wanted))
    .sort((a, b) => { const x = key(a), y = key(b); return sign * (x < y ? -1 : x > y ? 1 : 0); });
  $("found").textContent = `${rows.length} of ${events.length} steps, ${time(rows.reduce((sum, e) => sum + e.self, 0))}`;
  $("more").hidden = rows.length <= table.limit;
  document.querySelector("#steps thead").replaceChildren(element("tr", {}, ...columns.map(([title, , , kind], i) => {
    const button = element("button", { type: "button", textContent: title + (i === table.column ? table.down ? " ▾" : " ▴" : "") });
    button.addEventListener("click", () => { table.down = i === table.column ? !table.down : !kind; table.column = i; showSteps(); });
    return element("th", { className: kind ?? "", scope: "col", ariaSort: i === table.column ? table.down ? "descending" : "ascending" : "none" }, button);
  })));
  document.querySelector("#steps tbody").replaceChildren(...rows.slice(0, table.limit).map((e) => {
    const row = element("tr", { className: e.index === picked ? "picked" : "" }, ...columns.map(([, , shown, kind], i) => {
      const cell = element("td", { className: kind ?? "", title: kind ? shown(e) : "" }, shown(e));
      if (i === 0) { const dot = element("span", { className: "dot" }); dot.style.background = colour(e); cell.prepend(dot); }
      return cell;
    }));
    row.dataset.index = e.index;
    row.addEventListener("click", () => pick(e.index, true));
    return row;
  }));
}
$("filter").addEventListener("input", showSteps);
$("more").addEventListener("click", () => { table.limit *= 4; showSteps(); });
showSteps();

$("theme").addEventListener("click", () => {
  const dark = style("--page") === "#12151c", root = document.documentElement.classList;
  root.toggle("light", dark); root.toggle("dark", !dark);
  schedule();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", schedule);
addEventListener("resize", () => { schedule(); drawRoofline(); });
draw();

// A figure of the explainer. `data` is a list of one entry of static/explainer/manifest.json, with `words`,
// what this script says itself:
//   kind "frames": files, columns, rows, cell [w, h], width, controls, alt, notes[file][cell],
//                  panels [columns, rows], labels and drawn by frame or file and panel, tap,
//                  game {rounds, answers, rival}, by frame: the panel to find, and the network's choice
//   kind "bars":   head, rows [{label, value in 0..1, text}]
//   kind "chips":  controls (one), chips[choice] = [[piece, number], ...]
// With several files the first control chooses the file; the others count through its cells.
// Whatever stands in `drawn` the studio draws again; `data.studio` is its address, where there is one.

const make = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

export default function ({ data: [data], parentElement }) {
  const root = parentElement.querySelector(".figure");
  if (root.dataset.name === data.name) return; // a rerun of the page: keep what was chosen
  root.dataset.name = data.name;
  const stage = { frames, bars, chips }[data.kind](data, () => draw());
  const controls = (data.controls ?? []).map((control, place) => ({ ...control, place, at: control.start ?? 0 }));
  const note = make("p", { className: "note" });
  note.setAttribute("aria-live", "polite");
  const draw = () => {
    for (const control of controls) control.refresh?.();
    const values = controls.map((control) => valuesOf(control, controls)[control.at]);
    note.textContent = stage.show(controls.map((control) => control.at), values, controls);
  };
  const panel = make("div", { className: "controls" });
  for (const control of controls) {
    const build = control.kind === "slider" ? slider : buttons;
    panel.append(build(data, control, controls, draw, note));
  }
  const caption = make("figcaption", {}, ...(stage.speaks ? [note] : []),
    ...(data.caption ? [make("p", { textContent: data.caption })] : []),
    ...(stage.link ? [make("p", {}, stage.link)] : []),
    ...(stage.score ? [stage.score] : []),
    make("p", { className: "made", textContent: data.made }));
  root.replaceChildren(stage.node, panel, caption);
  draw();
}

function valuesOf(control, controls) {
  return Array.isArray(control.values[0]) ? control.values[controls[0].at] : control.values;
}

function frames(data, redraw) {
  const image = make("img", { loading: "lazy", decoding: "async", width: data.cell[0], height: data.cell[1] });
  const played = data.game ? game(data) : null;
  const over = panels(data, redraw, played);
  const pane = make("div", { className: "pane" }, image, ...(over ? [over.node] : []));
  pane.style.maxWidth = `${data.width}px`;
  pane.style.aspectRatio = `${data.cell[0]} / ${data.cell[1]}`;
  image.style.width = `${data.columns * 100}%`;
  image.onerror = () => { pane.classList.add("missing"); pane.dataset.words = `${data.words.missing} ${image.alt}`; };
  image.onload = () => pane.classList.remove("missing");
  const link = data.studio && data.drawn.length ? make("a", { target: "_blank" }) : null;
  const show = (places, values, controls) => {
    const several = data.files.length > 1;
    const file = several ? places[0] : 0;
    let cell = 0;
    for (let i = several ? 1 : 0; i < places.length; i++) cell = cell * valuesOf(controls[i], controls).length + places[i];
    const words = data.notes?.[file]?.[cell] ?? "";
    image.alt = data.alt.replace(/\{(\d|note)\}/g, (_, key) => (key === "note" ? words : values[key]));
    if (image.getAttribute("src") !== data.files[file]) image.src = data.files[file];
    const [column, row] = [cell % data.columns, Math.floor(cell / data.columns)];
    image.style.transform = `translate(${(-100 * column) / data.columns}%, ${(-100 * row) / data.rows}%)`;
    const said = over?.show(of(data.labels, data, file, cell), `${file} ${cell}`, cell) ?? "";
    if (link) lead(link, data, of(data.drawn, data, file, cell), over?.chosen());
    return said || words;
  };
  return { node: pane, show, link, score: played?.table, speaks: Boolean(data.notes.length) || data.tap };
}

function of(list, data, file, cell) {
  return list.length === data.files.length ? list[file] : list[file * data.columns * data.rows + cell];
}

function lead(link, { studio, words }, drawn, chosen) {
  const one = drawn?.[chosen] ?? drawn?.find(Boolean);
  link.hidden = !one;
  if (!one) return;
  link.href = `${studio}?${new URLSearchParams(one)}`;
  link.textContent = `${words.draw}: ${one.prompt} (${words.seed_word} ${one.seed})`;
}

function panels(data, redraw, played) {
  const [columns, rows] = data.panels;
  if (!data.labels.length && !data.drawn.some((drawn) => drawn.filter(Boolean).length > 1)) return null;
  const choosable = data.tap || (data.studio && data.drawn.some((drawn) => drawn.filter(Boolean).length > 1));
  const node = make("div", { className: "panels" });
  node.style.gridTemplate = `repeat(${rows}, 1fr) / repeat(${columns}, 1fr)`;
  let [chosen, frame] = [null, null];
  const cells = Array.from({ length: columns * rows }, (_, at) => {
    const cell = make(choosable ? "button" : "div", { className: "panel" });
    if (choosable) Object.assign(cell, { type: "button", onclick: () => { chosen = at; redraw(); } });
    return cell;
  });
  node.append(...cells);
  const show = (labels = [], now, at) => {
    if (now !== frame) [chosen, frame] = [data.tap ? null : chosen, now];
    if (played && chosen !== null) played.choose(at, chosen);
    cells.forEach((cell, at) => {
      cell.ariaPressed = choosable ? String(at === chosen) : null;
      const name = `${data.words.picture} ${at + 1}`;
      if (choosable) cell.ariaLabel = data.tap || !labels[at] ? name : `${name}: ${labels[at]}`;
      cell.replaceChildren(...(data.tap || !labels[at] ? [] : [make("span", { textContent: labels[at] })]));
    });
    if (!data.tap || chosen === null) return "";
    return [labels[chosen], ...(played ? played.said(at, chosen) : [])].join(" ");
  };
  return { node, show, chosen: () => chosen };
}

function game({ game: { rounds, answers, rival }, words }) {
  const choices = answers.map(() => null); // the first one of a round counts
  const table = make("table", { className: "score", hidden: true });
  const mark = (right) => make("td", { textContent: right ? "✓" : "✗", ariaLabel: right ? words.right : words.wrong });
  const tell = () => {
    const head = [words.round, words.you, words.rival].map((text) => make("th", { scope: "col", textContent: text }));
    const body = rounds.map((round, at) => make("tr", {}, make("th", { scope: "row", textContent: round }),
      mark(choices[at] === answers[at]), mark(rival[at] === answers[at])));
    table.replaceChildren(make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body));
    table.hidden = false;
  };
  const choose = (at, panel) => {
    choices[at] ??= panel;
    if (!choices.includes(null)) tell();
  };
  const said = (at, panel) => {
    const done = choices.map((_, round) => round).filter((round) => choices[round] !== null);
    const right = (who) => done.filter((round) => who[round] === answers[round]).length;
    const values = { rounds: done.length, all: answers.length, you: right(choices), rival: right(rival) };
    const score = words.score.replace(/\{(\w+)\}/g, (_, key) => values[key]);
    return ["–", panel === answers[at] ? words.right : words.wrong, score];
  };
  return { table, choose, said };
}

function bars(data) {
  const head = make("tr", {}, ...data.head.map((text) => make("th", { scope: "col", textContent: text })));
  const body = data.rows.map((row) => {
    const cell = make("td", {}, make("span", { className: "value", textContent: row.text }));
    if (row.value !== null) {
      const bar = make("span", { className: "bar" });
      bar.style.setProperty("--share", row.value);
      cell.prepend(bar);
    }
    return make("tr", {}, make("th", { scope: "row", textContent: row.label }), cell);
  });
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  return { node: table, show: () => "" };
}

function chips(data) {
  const list = make("ol", { className: "chips" });
  const show = ([choice]) => {
    list.replaceChildren(...data.chips[choice].map(([piece, number]) =>
      make("li", {}, make("b", { textContent: piece }), make("span", { textContent: number }))));
    return data.notes?.[0]?.[choice] ?? "";
  };
  return { node: list, show, speaks: true };
}

function buttons(data, control, controls, draw) {
  const group = make("fieldset", {}, make("legend", { textContent: control.label }));
  control.refresh = () => {
    const values = valuesOf(control, controls);
    if (group.dataset.values === values.join("\n")) return;
    group.dataset.values = values.join("\n");
    control.at = Math.min(control.at, values.length - 1);
    const pills = values.map((value, at) => {
      const input = make("input", { type: "radio", name: `${data.name}-${control.place}`, checked: at === control.at });
      input.onchange = () => { control.at = at; draw(); };
      return make("label", {}, input, make("span", { textContent: value }));
    });
    group.replaceChildren(group.firstChild, ...pills);
  };
  return group;
}

function slider({ words }, control, controls, draw, note) {
  const last = control.values.length - 1;
  const range = make("input", { type: "range", min: 0, max: last, step: 1, ariaLabel: control.label });
  const value = make("span");
  const go = (at) => { control.at = Math.max(0, Math.min(last, at)); draw(); };
  const step = (sign, where, by) => make("button",
    { type: "button", textContent: sign, ariaLabel: `${control.label}: ${where}`, onclick: () => go(control.at + by) });
  range.oninput = () => go(range.valueAsNumber);
  control.refresh = () => {
    range.value = control.at;
    value.textContent = control.values[control.at];
    range.setAttribute("aria-valuetext", control.values[control.at]);
  };
  const row = make("div", { className: "row" }, step("−", words.back, -1), range, step("+", words.on, 1));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (control.play && !still) row.append(player(control, last, go, note, words));
  return make("div", { className: "slider" }, make("div", { className: "label", ariaHidden: "true" },
    make("span", { textContent: control.label }), value), row);
}

function player(control, last, go, note, words) {
  const button = make("button", { type: "button", className: "play", textContent: words.play });
  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.textContent = words.play;
    note.setAttribute("aria-live", "polite");
  };
  button.onclick = () => {
    if (timer) return stop();
    note.setAttribute("aria-live", "off"); // not a word for every frame
    button.textContent = words.stop;
    go(control.at === last ? 0 : control.at + 1);
    timer = setInterval(() => (control.at < last && button.isConnected ? go(control.at + 1) : stop()), 400);
  };
  return button;
}

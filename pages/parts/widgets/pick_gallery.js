// A grid of cards: a click picks, a click with Shift picks all up to it, a double click or the corner opens.
export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let grid = parentElement.querySelector(".grid");
  if (!grid) {
    grid = document.createElement("div");
    grid.className = "grid";
    grid.setAttribute("role", "group");
    grid.picked = new Set();
    grid.last = -1;
    parentElement.appendChild(grid);
  }
  grid.setAttribute("aria-label", data.label);
  grid.style.gridTemplateColumns = `repeat(auto-fill, minmax(${data.width}px, 1fr))`;

  const rows = data.cards.map((card) => card.row);
  for (const row of [...grid.picked]) {
    if (!rows.includes(row)) grid.picked.delete(row);
  }
  const tell = () => setStateValue("picked", rows.filter((row) => grid.picked.has(row)));
  const show = () => {
    grid.querySelectorAll(".pick").forEach((button, place) => {
      button.setAttribute("aria-pressed", String(grid.picked.has(rows[place])));
    });
  };
  const pick = (place, upTo) => {
    if (upTo && grid.last >= 0 && grid.last < rows.length) {
      const [first, last] = [Math.min(grid.last, place), Math.max(grid.last, place)];
      for (let at = first; at <= last; at += 1) grid.picked.add(rows[at]);
    } else if (grid.picked.has(rows[place])) {
      grid.picked.delete(rows[place]);
    } else {
      grid.picked.add(rows[place]);
    }
    grid.last = place;
    show();
    tell();
  };

  // Drawing anew between the two clicks of a double click would lose it.
  const drawn = JSON.stringify(data);
  if (grid.drawn === drawn) {
    show();
    return;
  }
  grid.drawn = drawn;

  const element = (name, className, text) => {
    const made = document.createElement(name);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const made = data.cards.map((card, place) => {
    const whole = element("div", "card");
    const button = element("button", "pick");
    button.type = "button";
    button.onclick = (event) => pick(place, event.shiftKey);
    button.ondblclick = () => setTriggerValue("opened", card.row);
    const image = document.createElement("img");
    image.src = card.src;
    image.alt = card.alt;
    image.draggable = false;
    button.append(image, element("span", "check", "\u2713"));
    if (card.mark) button.append(element("span", "mark", card.mark));
    const text = element("span", "text", card.title);
    if (/^#[0-9a-f]{6}$/i.test(card.colour)) text.style.borderTop = `3px solid ${card.colour}`;
    if (card.note) text.append(element("span", "note", card.note));
    button.append(text);
    const open = element("button", "open", "\u2197");
    open.type = "button";
    open.setAttribute("aria-label", `Open: ${card.alt}`);
    open.title = "Open this cell";
    open.onclick = () => setTriggerValue("opened", card.row);
    whole.append(button, open);
    return whole;
  });
  // The focus stays at its place when the cards are drawn anew.
  const focused = [...grid.querySelectorAll(".pick")].indexOf(grid.getRootNode().activeElement);
  grid.replaceChildren(...made);
  show();
  if (focused >= 0) grid.querySelectorAll(".pick")[focused]?.focus({ preventScroll: true });
}

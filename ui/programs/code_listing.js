// A program in which each part is a button of one or more lines. One of them is a tab stop (roving tabindex).

const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

// Streamlit calls the default function again for each change of `data`: the buttons stay, and so does the focus.
export default function ({ parentElement, data, setTriggerValue }) {
    const list = parentElement.querySelector(".code_listing");
    if (list.dataset.program !== data.program) {
        list.dataset.program = data.program;
        list.ariaLabel = data.label;
        list.replaceChildren(...data.blocks.map(itemOf));
    }
    const buttons = [...list.querySelectorAll("button")];
    // The lines that close a bracket belong to a part that began further up: reached by a click, passed over by keys.
    const stops = buttons.filter((button, place) => buttons.findIndex(({ value }) => value === button.value) === place);
    for (const button of buttons) {
        const isChosen = button.value === data.chosen;
        button.tabIndex = isChosen && stops.includes(button) ? 0 : -1;
        button.ariaCurrent = isChosen ? "true" : null;
        button.onclick = () => setTriggerValue("clicked", button.value);
    }
    list.onkeydown = (event) => {
        const target = stops.indexOf(event.target) + STEPS[event.key];
        if (Number.isNaN(target) || event.ctrlKey || event.altKey || event.metaKey) {
            return;
        }
        stops[Math.min(Math.max(target, 0), stops.length - 1)].focus();
        event.preventDefault(); // scrolling
        event.stopPropagation(); // Streamlit's own keys
    };
}

function itemOf({ part, first, lines }) {
    const item = document.createElement("li");
    const box = document.createElement(part ? "button" : "div");
    box.append(...lines.map((pieces, place) => lineOf(first + place, pieces)));
    if (part) {
        box.type = "button";
        box.value = part;
    } else {
        item.ariaHidden = "true";
    }
    item.append(box);
    return item;
}

function lineOf(number, pieces) {
    const line = document.createElement("span");
    line.className = "line";
    const code = document.createElement("code");
    code.append(...pieces.map(pieceOf));
    line.append(textOf("gutter", number), code);
    return line;
}

function pieceOf([text, kind]) {
    return kind ? textOf(kind, text) : document.createTextNode(text);
}

function textOf(name, text) {
    const span = document.createElement("span");
    span.className = name;
    span.textContent = text;
    return span;
}

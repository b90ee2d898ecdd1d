// The layers in a row, each a button with a picture of its output. One of them is a tab stop (roving tabindex).

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };

// Streamlit calls the default function again for each change of `data`: the buttons stay, and so does the focus.
export default function ({ parentElement, data, setTriggerValue }) {
    const list = parentElement.querySelector(".layer_list");
    const names = data.layers.map(({ name }) => name).join();
    if (list.dataset.names !== names) {
        list.dataset.names = names;
        list.replaceChildren(itemOf("div"), ...data.layers.map(() => itemOf("button")));
    }
    const [input, ...buttons] = [...list.children].map((item) => item.firstChild);
    fill(input, data.input);
    buttons.forEach((button, place) => {
        const layer = data.layers[place];
        fill(button, layer);
        button.tabIndex = layer.name === data.chosen ? 0 : -1;
        button.ariaCurrent = layer.name === data.chosen ? "true" : null;
        button.onclick = () => setTriggerValue("clicked", layer.name);
    });
    list.onkeydown = (event) => {
        const target = buttons.indexOf(event.target) + STEPS[event.key];
        if (Number.isNaN(target) || event.ctrlKey || event.altKey || event.metaKey) {
            return;
        }
        buttons[Math.min(Math.max(target, 0), buttons.length - 1)].focus();
        event.preventDefault(); // scrolling
    };
}

function itemOf(kind) {
    const item = document.createElement("li");
    const box = document.createElement(kind);
    box.append(document.createElement("img"), document.createElement("span"));
    item.append(box);
    return item;
}

function fill(box, { title, lines, picture }) {
    const [image, caption] = box.children;
    image.alt = "";
    if (image.src !== picture) {
        image.src = picture;
    }
    const text = [title, ...lines].join("");
    if (caption.textContent !== text) {
        const heading = document.createElement("strong");
        heading.textContent = title;
        caption.replaceChildren(heading, ...lines.map(lineOf));
    }
}

function lineOf(text) {
    const line = document.createElement("span");
    line.textContent = text;
    return line;
}

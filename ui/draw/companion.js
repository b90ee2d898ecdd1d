// Shows what the networks answer to the drawing on the canvas beside it, also while the pen is down.
//
// The canvas sends its strokes to the page no sooner than 200 ms after the pen was lifted. Until the page has them they
// are recorded here, from the very events that the canvas's brush (Fabric.js, a pencil) listens to, and the server is
// asked about them, one question at a time. The page's own answers take over once they cover all that was drawn.

const SHORTEST_PAUSE_MS = 1000 / 30;
const LARGEST_BODY = 60_000; // the server takes 64 KB
const LONGEST_WAIT_MS = 10_000; // for the page to learn of a stroke; after that the canvas cannot have drawn it

// Streamlit calls the default function again for each change of `data`, with the same `parentElement`.
const companions = new WeakMap();

export default function ({ parentElement, data }) {
    if (!companions.has(parentElement)) {
        companions.set(parentElement, new Companion(parentElement));
    }
    companions.get(parentElement).receive(data);
    return () => {
        companions.get(parentElement)?.stop();
        companions.delete(parentElement);
    };
}

class Companion {
    constructor(parentElement) {
        this.parentElement = parentElement;
        this.data = undefined;
        this.finished = []; // strokes that the page does not know yet: {points: [x, y, x, y, ...], ended}
        this.growing = undefined; // the points of the stroke under way
        this.touch = undefined; // the identifier of the finger that draws it
        this.drawn = 0; // counts what was drawn since the beginning, to tell whether there is something new to ask
        this.asked = 0;
        this.askedAt = -Infinity;
        this.isAsking = false;
        this.isRefused = false; // by the server, until the page has sent something new
        this.listening = new AbortController();
        const listen = { capture: true, passive: true, signal: this.listening.signal };
        for (const [type, listener] of Object.entries({
            mousedown: (event) => event.button === 0 && this.begin(event, event),
            mousemove: (event) => this.touch === undefined && this.grow(event, event),
            mouseup: (event) => event.button === 0 && this.touch === undefined && this.end(),
            touchstart: (event) => this.onTouchStart(event),
            touchmove: (event) => this.onTouchMove(event),
            touchend: (event) => event.touches.length === 0 && this.end(),
            touchcancel: () => this.end(),
        })) {
            document.addEventListener(type, listener, listen);
        }
    }

    stop() {
        this.listening.abort();
        clearTimeout(this.timer);
    }

    // The page's data. `canvas` is null where the page answers alone; `canvas.revision` changes when the page has told
    // the canvas to show something else, and `canvas.count` is the number of strokes that the page has seen since.
    receive(data) {
        const before = this.data?.canvas;
        const now = performance.now();
        this.data = data;
        this.isRefused = false;
        if (before?.revision !== data.canvas?.revision) {
            this.finished = [];
        } else if (before) {
            this.finished = this.finished
                .slice(Math.max(0, data.canvas.count - before.count))
                .filter((stroke) => now - stroke.ended < LONGEST_WAIT_MS);
        }
        if (this.isCovered) {
            this.show(data.answers, data.note);
            this.announce(data.answers);
        }
    }

    // Whether the page knows all that is drawn.
    get isCovered() {
        return !this.growing && !this.finished.length;
    }

    onTouchStart(event) {
        const [touch] = event.changedTouches;
        if (this.touch === undefined && this.begin(event, touch)) {
            this.touch = touch.identifier;
        }
    }

    onTouchMove(event) {
        const [touch] = event.changedTouches;
        if (this.touch === touch.identifier) {
            this.grow(event, touch);
        }
    }

    begin(event, position) {
        const canvas = event.composedPath()[0];
        if (!canvas.classList?.contains("upper-canvas") || !this.data.canvas) {
            return false;
        }
        if (canvas.getRootNode().querySelector("[aria-pressed=true]")) {
            return false; // the tool bar's "edit": the canvas moves strokes instead of drawing them
        }
        this.canvas = canvas;
        this.growing = [];
        this.grow(event, position);
        return true;
    }

    grow(event, position) {
        const points = this.growing;
        if (!points) {
            return;
        }
        const box = this.canvas.getBoundingClientRect();
        const x = ((position.clientX - box.left) * this.canvas.width) / box.width;
        const y = ((position.clientY - box.top) * this.canvas.height) / box.height;
        if (points.at(-2) === x && points.at(-1) === y) {
            return;
        }
        if (event.shiftKey && points.length > 2) {
            points.length -= 2; // the brush draws a straight line
        }
        points.push(x, y);
        this.drawn += 1;
        this.ask();
    }

    end() {
        this.touch = undefined;
        if (this.growing) {
            this.finished.push({ points: this.growing, ended: performance.now() });
            this.growing = undefined;
            this.ask(0);
        }
    }

    // Asks the server unless it is being asked, there is nothing new, or the last question was but a moment ago: then
    // it is asked later about whatever there is by then.
    ask(pause = SHORTEST_PAUSE_MS) {
        if (this.isAsking || this.isRefused || this.isCovered || !this.data.canvas || this.asked === this.drawn) {
            return;
        }
        clearTimeout(this.timer);
        const wait = this.askedAt + pause - performance.now();
        if (wait > 0) {
            this.timer = setTimeout(() => this.ask(), wait);
        } else {
            this.fetchAnswers();
        }
    }

    async fetchAnswers() {
        const { networks, reads_number, pen_width_px, revision, strokes } = this.data.canvas;
        const pointer = this.finished.map((stroke) => stroke.points);
        if (this.growing) {
            pointer.push(this.growing);
        }
        const body = JSON.stringify({ networks, reads_number, pen_width_px, strokes, pointer });
        if (body.length > LARGEST_BODY) {
            return; // the page answers when the pen is lifted
        }
        this.asked = this.drawn;
        this.askedAt = performance.now();
        this.isAsking = true;
        const answers = await fetchJson("api/answer", body);
        this.isAsking = false;
        this.isRefused = !answers;
        if (answers && !this.isCovered && this.data.canvas?.revision === revision) {
            this.show(answers, "");
        }
        this.ask(this.growing ? SHORTEST_PAUSE_MS : 0);
    }

    show({ answers, doubt }, note) {
        const panels = answers.map((answer) => panelOf(answer, answers.length > 1));
        const invitation = answers.length ? [] : [make("p", "box info", this.data.invitation)];
        this.parentElement
            .querySelector(".answers")
            .replaceChildren(...invitation, ...panels);
        this.parentElement
            .querySelector(".remarks")
            .replaceChildren(
                ...(note ? [make("p", "note", note)] : []),
                ...(doubt ? [make("p", "box warning", doubt)] : []),
            );
    }

    // Tells a screen reader the final answer, and none of those that come and go while the pen is down.
    announce({ answers, doubt }) {
        const sentences = answers.map((answer) => {
            const who = answers.length > 1 ? answer.title : "Answer";
            return `${who}: ${answer.sentence || answer.problem}`;
        });
        const text = [...sentences, doubt].filter(Boolean).join(". ");
        const status = this.parentElement.querySelector("[role=status]");
        if (status.textContent !== text) {
            status.textContent = text;
        }
    }
}

async function fetchJson(url, body) {
    try {
        const reply = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body });
        return reply.ok ? await reply.json() : undefined;
    } catch {
        return undefined; // no connection, which Streamlit tells the visitor
    }
}

function panelOf(answer, hasTitle) {
    const title = hasTitle ? [make("p", "note", answer.title)] : [];
    if (answer.problem) {
        return make("section", "panel", ...title, make("p", "box info", answer.problem));
    }
    const isShort = answer.name.length <= 4;
    const name = make("p", isShort ? "name" : "word", answer.name);
    const digit = make("div", "digit", name, make("p", "sentence", answer.sentence));
    const largest = Math.max(...answer.bars.map(([, share]) => share));
    const bars = make("ol", "bars", ...answer.bars.map((bar) => barOf(...bar, bar[1] === largest)));
    const parts = make("div", "parts", ...answer.parts.map(partOf));
    const note = answer.note ? [make("p", "box info", answer.note)] : [];
    const details = answer.parts.length ? parts : bars;
    return make("section", "panel", ...title, make("div", "answer", digit, details), ...note);
}

function barOf(name, share, percent, isLargest) {
    const bar = make("span", "bar");
    bar.style.width = `${100 * share}%`;
    const label = make("span", "label", name);
    return make("li", isLargest ? "largest" : "", label, make("span", "track", bar), make("span", "percent", percent));
}

function partOf(part) {
    const picture = make("img", "");
    picture.decoding = "sync"; // else it flickers
    picture.src = part.picture;
    picture.alt = part.alt;
    return make("figure", "", picture, make("figcaption", "", part.caption));
}

// Text becomes a text node, never markup: titles of networks are written by visitors.
function make(tag, className, ...children) {
    const element = document.createElement(tag);
    element.className = className;
    element.append(...children);
    return element;
}

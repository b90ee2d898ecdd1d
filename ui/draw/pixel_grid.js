// A grid of cells that are painted with the keyboard (the ARIA pattern "grid", with a roving tabindex), or by clicks.

const PAUSE_MS = 400; // after the last key, before the page is told
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// Streamlit calls the default function again for each change of `data`, with the same `parentElement`.
const grids = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
    if (!grids.has(parentElement)) {
        grids.set(parentElement, new PixelGrid(parentElement.querySelector(".grid"), data.side));
    }
    const grid = grids.get(parentElement);
    grid.send = (painted) => setStateValue("painted", painted);
    grid.receive(data);
    return () => {
        clearTimeout(grid.timer);
        grids.delete(parentElement);
    };
}

class PixelGrid {
    constructor(element, side) {
        this.side = side;
        this.revision = undefined;
        this.painted = []; // cells in the order painted
        this.cleared = []; // those that Delete has removed last
        this.cells = Array.from({ length: side }, (_, row) =>
            Array.from({ length: side }, (_, column) => cellOf(row, column)),
        );
        element.replaceChildren(...this.cells.map(rowOf));
        this.current = this.cells[Math.floor(side / 7)][Math.floor(side / 2)];
        this.current.tabIndex = 0;
        element.onkeydown = (event) => this.onKey(event);
        element.onclick = (event) => event.target.dataset.row && this.toggle(this.moveTo(event.target));
        // There is no `onfocusout`.
        element.addEventListener("focusout", ({ relatedTarget: next }) => {
            if (this.timer && !element.contains(next)) {
                this.tell();
            }
        });
    }

    // The page's cells count only where it has emptied or replaced the drawing: else those here are newer.
    receive({ cells, revision }) {
        if (revision !== this.revision) {
            this.revision = revision;
            this.cleared = [];
            this.show(cells.map(([row, column]) => this.cells[row][column]));
        }
    }

    onKey(event) {
        if (event.ctrlKey || event.altKey || event.metaKey) {
            return;
        }
        const { row, column } = this.current.dataset;
        if (event.key in STEPS) {
            const [down, right] = STEPS[event.key];
            const target = this.cells[Number(row) + down]?.[Number(column) + right] ?? this.current;
            if (event.shiftKey) {
                this.change([...this.painted, this.current, target]);
            }
            this.moveTo(target);
        } else if (event.key === "Home" || event.key === "End") {
            this.moveTo(this.cells[row].at(event.key === "Home" ? 0 : -1));
        } else if (event.key === " ") {
            this.toggle(this.current);
        } else if (event.key === "Delete" || event.key === "Backspace") {
            const before = this.painted;
            this.change(before.length ? [] : this.cleared);
            this.cleared = before;
        } else {
            return;
        }
        event.preventDefault(); // scrolling
        event.stopPropagation(); // Streamlit's own keys
    }

    moveTo(cell) {
        this.current.tabIndex = -1;
        this.current = cell;
        cell.tabIndex = 0;
        cell.focus();
        return cell;
    }

    toggle(cell) {
        const others = this.painted.filter((each) => each !== cell);
        this.change(others.length < this.painted.length ? others : [...others, cell]);
    }

    change(cells) {
        this.show(cells);
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.tell(), PAUSE_MS);
    }

    tell() {
        clearTimeout(this.timer);
        this.timer = undefined;
        const cells = this.painted.map(({ dataset }) => [Number(dataset.row), Number(dataset.column)]);
        this.send({ cells, revision: this.revision });
    }

    show(cells) {
        const painted = new Set(cells);
        for (const cell of new Set([...this.painted, ...painted])) {
            mark(cell, painted.has(cell));
        }
        this.painted = [...painted];
    }
}

function rowOf(cells) {
    const row = document.createElement("div");
    row.className = "row";
    row.role = "row";
    row.append(...cells);
    return row;
}

function cellOf(row, column) {
    const cell = document.createElement("div");
    cell.className = "cell";
    cell.role = "gridcell";
    cell.tabIndex = -1;
    Object.assign(cell.dataset, { row, column });
    mark(cell, false);
    return cell;
}

function mark(cell, isPainted) {
    cell.ariaSelected = String(isPainted);
    cell.ariaLabel = `Row ${cell.dataset.row}, column ${cell.dataset.column}, ${isPainted ? "ink" : "empty"}`;
}

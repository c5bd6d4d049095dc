"""A page's notebook for those who want to solve its exercises themselves."""

import re

# A directive that opens or closes a solution, with the blank lines around it.
GATE = re.compile(r"\s*^:::\{solution-(start|end)\}.*?^:::[ \t]*$\s*", re.DOTALL | re.MULTILINE)

ANSWER = {
    "cell_type": "code",
    "execution_count": None,
    "metadata": {},
    "outputs": [],
    "source": "",
}


def without_solutions(cells):
    """Return the cells of a notebook with an empty code cell in place of each solution.

    Parameters
    ----------
    cells : list of dict
        Cells of nbformat 4.5, each source one string.  They are left alone.

    Returns
    -------
    list of dict
        The cells outside of solutions, with new ids.  A Markdown cell in which a solution
        begins or ends is cut there.

    Raises
    ------
    ValueError
        If a solution is not closed, or one is closed that was not opened.
    """
    kept, last = [], "end"
    for cell in cells:
        markdown = cell["cell_type"] == "markdown"
        # What a gate says, and the text after it; no gate stands before the first text.
        parts = ["", *(GATE.split(cell["source"]) if markdown else [cell["source"]])]
        for gate, text in zip(parts[::2], parts[1::2], strict=True):
            if gate == last:
                raise ValueError(f"solution-{gate} without the other directive before it")
            last = gate or last
            if gate == "start":
                kept.append(ANSWER)
            if last == "end" and (text or not markdown):
                kept.append({**cell, "source": text})
    if last == "start":
        raise ValueError("solution-start without a solution-end")
    return [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(kept)]

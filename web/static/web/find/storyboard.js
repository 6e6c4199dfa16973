// The small pictures from all over a film: where on their one sheet which moment is to be found.

// Each cue of the index is a time and a place on the sheet.
export function placesIn(index) {
    return index.split("\n\n").flatMap((cue) => {
        const found = cue.match(/^(\d+):(\d+):([\d.]+) --> .*\n(.+)#xywh=(\d+),(\d+),(\d+),(\d+)/);
        if (!found) return [];
        const [hours, minutes, seconds] = found.slice(1, 4).map(Number);
        const [x, y, width, height] = found.slice(5).map(Number);
        return [{ at: 3600 * hours + 60 * minutes + seconds, sheet: found[4], x, y, width, height }];
    });
}

// Lets an element show the picture of one place; `sheet` is the address of all of them.
export function show(element, place, sheet) {
    element.style.width = `${place.width}px`;
    element.style.height = `${place.height}px`;
    element.style.background = `url("${sheet}") -${place.x}px -${place.y}px`;
}

// The picture that stands for a moment; none before the first.
export function placeAt(places, seconds) {
    return places.findLast((place) => place.at <= seconds) ?? null;
}

// Files of a recording have addresses relative to its playlist.
export function beside(player, name) {
    return new URL(name, new URL(player.dataset.playlist, document.baseURI));
}

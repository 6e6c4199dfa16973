// The lines of what is said lead to their moment in the recording, and the present one is marked.

const video = document.querySelector("[data-player] video");
const lines = [...document.querySelectorAll("[data-line]")];

for (const line of lines) {
    const said = line.querySelector("[data-said]");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    said.replaceWith(button);
    button.append(said);
    button.addEventListener("click", () => {
        video.currentTime = Number(line.dataset.line) / 1000;
        video.play();
    });
}
video.addEventListener("timeupdate", mark);

function mark() {
    const now = video.currentTime * 1000;
    const begun = lines.filter((line) => Number(line.dataset.line) <= now).at(-1);
    for (const line of lines) {
        if (line === begun) line.setAttribute("aria-current", "true");
        else line.removeAttribute("aria-current");
    }
}

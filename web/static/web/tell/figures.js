// Bytes and seconds as people say them.

const MEGABYTE = 1024 ** 2;
const GIGABYTE = 1024 ** 3;

export function size(bytes) {
    return bytes >= GIGABYTE ? `${(bytes / GIGABYTE).toFixed(1)} GB` : `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

export function timeLeft(seconds) {
    if (seconds === null) return "";
    if (seconds < 10) return "a few seconds left";
    if (seconds < 60) return `about ${Math.ceil(seconds / 10) * 10} seconds left`;
    const minutes = Math.ceil(seconds / 60);
    return `about ${minutes} minute${minutes === 1 ? "" : "s"} left`;
}

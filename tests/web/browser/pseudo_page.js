// Returns what is wrong with a page in a pseudo-locale, where every translated text stands in brackets.
() => {
  const LETTER = /\p{L}/u;
  const SPOKEN = ["title", "aria-label", "alt", "placeholder"];
  // Text of members is isolated by direction; code and names are not translated.
  const NOT_OURS = "bdi, [dir=auto], [translate=no], script, style, template, noscript, code, textarea";
  const SCROLLS = ".table-wrap, select, textarea, pre";
  const OVERLAYS = ".still, video, .player, option, dialog";
  const OFF_SCREEN = ".hidden-visually, .skip";
  const faults = new Set();

  const untranslated = (text) => {
    let rest = text.replaceAll(/Sameboat|[\w.]+@[\w.]+/gu, "");
    for (let before = ""; before !== rest; ) {
      before = rest;
      rest = rest.replace(/\[[^[\]]*\]/gu, "");
    }
    return LETTER.test(rest);
  };
  const name = (element) => `${element.tagName.toLowerCase()}.${element.className || element.id}`;
  const isOurs = (element) => !element.closest(NOT_OURS);
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const element = walker.currentNode.parentElement;
    if (text && isOurs(element) && shown(element) && untranslated(text)) {
      faults.add(`not translated, ${name(element)}: ${text}`);
    }
  }
  for (const element of document.body.querySelectorAll("*")) {
    if (!isOurs(element) || !shown(element)) continue;
    for (const attribute of SPOKEN) {
      const text = element.getAttribute(attribute) ?? "";
      if (untranslated(text)) faults.add(`not translated, ${name(element)} ${attribute}: ${text}`);
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) {
    faults.add(`${document.documentElement.scrollWidth - innerWidth} px wider than the window`);
  }
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest(`${SCROLLS}, ${OFF_SCREEN}`) || element.closest("svg") || !shown(element)) continue;
    const { left, right, width } = element.getBoundingClientRect();
    if (width > 0 && (left < -1 || right > innerWidth + 1)) {
      faults.add(`outside the window, ${name(element)}: ${Math.round(left)} to ${Math.round(right)}`);
    }
    const hides = /hidden|clip/.test(getComputedStyle(element).overflowX + getComputedStyle(element).overflowY);
    const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (hides && hasText) {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
      if (scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1) faults.add(`clipped, ${name(element)}`);
    }
  }

  // Lines of text that other text or a coloured box covers.
  const lines = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest(`${SCROLLS}, ${OFF_SCREEN}, ${OVERLAYS}`) || !shown(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    for (const box of range.getClientRects()) lines.push({ element, box });
  }
  const painted = [...document.body.querySelectorAll("*")]
    .filter((element) => !element.closest(OVERLAYS) && shown(element))
    .filter((element) => getComputedStyle(element).backgroundColor !== "rgba(0, 0, 0, 0)")
    .map((element) => ({ element, box: element.getBoundingClientRect() }));
  lines.forEach(({ element, box }, index) => {
    for (const other of [...lines.slice(index + 1), ...painted]) {
      if (element.contains(other.element) || other.element.contains(element)) continue;
      const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      if (across > 3 && down > box.height / 2) faults.add(`overlap, ${name(element)} and ${name(other.element)}`);
    }
  });
  return [...faults];
};

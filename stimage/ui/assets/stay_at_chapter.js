// Figures come late and push the text down: stay at the address's chapter until a person moves.
const stay = new ResizeObserver(() => {
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
});
stay.observe(document.querySelector(".stMainBlockContainer"));
for (const sign of ["wheel", "touchstart", "pointerdown", "keydown"]) {
  addEventListener(sign, () => stay.disconnect(), { once: true, passive: true });
}

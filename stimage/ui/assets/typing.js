// Hands on what stands in the prompt's box, a moment after the last key.
const PAUSE = 300; // milliseconds
export default function ({ setStateValue }) {
  let timer;
  const soon = (box) => {
    clearTimeout(timer);
    timer = setTimeout(() => setStateValue("typed", box.value), PAUSE);
  };
  const typed = ({ target }) => target.closest?.(".st-key-prompt") && soon(target);
  document.addEventListener("input", typed);
  const box = document.querySelector(".st-key-prompt textarea");
  if (box?.value) soon(box); // typed before this was there
  return () => {
    clearTimeout(timer);
    document.removeEventListener("input", typed);
  };
}

// Hands on what stands in the prompt's box, a moment after the last key.
const PAUSE = 300; // milliseconds
export default function ({ setStateValue }) {
  let timer;
  const typed = ({ target }) => {
    if (!target.closest?.(".st-key-prompt")) return;
    clearTimeout(timer);
    timer = setTimeout(() => setStateValue("typed", target.value), PAUSE);
  };
  document.addEventListener("input", typed);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("input", typed);
  };
}

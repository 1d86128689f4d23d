// What the app does with Python: puts figures in their place and answers questions.
const openFigures = (within) => {
  for (const holder of within.querySelectorAll(".holder")) {
    if (holder.shadowRoot || holder.closest("[hidden]")) continue;
    const root = holder.attachShadow({ mode: "open" });
    root.innerHTML = `<style>${CSS}</style><figure class="figure"></figure>`;
    const data = JSON.parse(holder.querySelector("script").textContent);
    showFigure({ data: [data], parentElement: root });
  }
};
for (const question of document.querySelectorAll(".question")) {
  question.onchange = ({ target }) => {
    if (!target.name.startsWith("question-")) return;
    const { right, options } = question.dataset;
    const answer = question.querySelector(".answer");
    const told = right === "" || target.value === options ? "" : target.value === right ? "right" : "wrong";
    answer.dataset.told = told;
    answer.firstElementChild.hidden = false;
    openFigures(answer);
  };
}
openFigures(document);

// A figure is readable as it stands; on first touch or focus it comes to life with tooltips.
"use strict";
(() => {
  const own = document.currentScript.src.replace(/figures(\.[^/]*)?\.js.*$/, "");
  let loading = null;
  const load = (src) => new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = own + src;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
  const library = () => {
    loading ??= load("vendor/vega/vega.min.js").then(() => load("vendor/vega-interpreter/vega-interpreter.js"));
    return loading;
  };
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const tooltip = (handler, event, item, value) => {
    tip.hidden = value === null || value === undefined || value === "";
    if (tip.hidden) return;
    tip.textContent = typeof value === "object" ? Object.entries(value).map(([k, v]) => `${k}: ${v}`).join("\n") : String(value);
    const x = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8);
    tip.classList.toggle("low", event.clientY < 80);
    tip.style.setProperty("left", `${x}px`);
    tip.style.setProperty("top", `${event.clientY + 12}px`);
  };
  const hydrate = async (figure) => {
    const data = figure.querySelector("script[type='application/json']");
    const drawing = figure.querySelector(".drawing");
    if (!data || figure.dataset.alive) return;
    figure.dataset.alive = "yes";
    await library();
    const label = drawing.querySelector("svg")?.getAttribute("aria-label");
    const holder = document.createElement("div");
    const runtime = vega.parse(JSON.parse(data.textContent), {}, { ast: true });
    const view = new vega.View(runtime, { expr: vegaInterpreter.expressionInterpreter, renderer: "svg", container: holder, hover: true, tooltip });
    await view.runAsync();
    const svg = holder.querySelector("svg");
    if (label) svg.setAttribute("aria-label", label);
    drawing.replaceChildren(holder);
  };
  document.querySelectorAll("figure.chart").forEach((figure) => {
    figure.addEventListener("pointerenter", () => hydrate(figure), { once: true });
    figure.addEventListener("focusin", () => hydrate(figure), { once: true });
  });
})();

// The theme is kept in a cookie; without this script the form's button does the same.
"use strict";
document.querySelectorAll("[data-theme-form] input[name=theme]").forEach((input) => {
  input.addEventListener("change", () => {
    const secure = location.protocol === "https:" ? "; secure" : "";
    const age = input.value === "auto" ? 0 : 31536000;
    document.cookie = `theme=${input.value}; path=/; max-age=${age}; samesite=lax${secure}`;
    if (input.value === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset.theme = input.value;
  });
});

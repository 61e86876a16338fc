// Puts the command together that signs what a reader has ticked, and keeps the ticks on reload.
(() => {
  const boxes = [...document.querySelectorAll(".tick input")];
  const role = document.getElementById("role");
  const command = document.getElementById("command");
  const count = document.getElementById("ticked");
  const store = "spms-helpline-review";
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

  const show = () => {
    const codes = boxes.filter((box) => box.checked).map((box) => box.value);
    count.textContent = String(codes.length);
    const who = role.value.trim();
    command.value = codes.length && who
      ? `.venvs/tools/bin/python -m scripts.sign_off --role ${quoted(who)} ${codes.join(" ")}`
      : "";
    try {
      localStorage.setItem(store, JSON.stringify({ role: role.value, codes }));
    } catch {
      // a browser that keeps nothing still shows the command
    }
  };

  try {
    const kept = JSON.parse(localStorage.getItem(store) ?? "{}");
    role.value = kept.role ?? "";
    for (const box of boxes) box.checked = (kept.codes ?? []).includes(box.value);
  } catch {
    // nothing kept, or not readable: start with nothing ticked
  }
  document.addEventListener("change", show);
  role.addEventListener("input", show);
  show();
})();

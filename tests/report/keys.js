// node keys.js NODE_MODULES PAGE: sorts and filters by keyboard alone, then loads the page without scripting; as JSON.
const [modules, page] = process.argv.slice(2);
const puppeteer = require(`${modules}/puppeteer-core`);
const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
const long = { executablePath: "/usr/bin/chromium", headless: true, args, timeout: 0, protocolTimeout: 900_000 };
(async () => {
  const browser = await puppeteer.launch(long);
  const tab = await browser.newPage();
  const errors = [];
  tab.on("pageerror", (fault) => errors.push(String(fault)));
  await tab.goto(`file://${page}`, { timeout: 0 });
  const sorted = {};
  for (let i = 0; i < 7; i++) {
    await tab.keyboard.press("Tab");
    const name = await tab.evaluate(() => document.activeElement.matches("th button") && document.activeElement.innerText);
    if (!name) continue;
    await tab.keyboard.press("Enter");
    sorted[name] = await tab.evaluate(() => [
      document.activeElement.closest("th").getAttribute("aria-sort"),
      ...[...document.activeElement.closest("table").tBodies[0].rows].map((row) => row.querySelector("a").innerText),
    ]);
  }
  await (await tab.$(".filter input")).focus();
  await tab.keyboard.type("no such words");
  const hidden = await tab.evaluate(() => {
    const table = document.querySelector(".filter").nextElementSibling;
    return [...table.querySelectorAll("tbody tr")].filter((row) => row.hidden).length;
  });
  const still = await browser.newPage();
  await still.setJavaScriptEnabled(false);
  await still.goto(`file://${page}`, { timeout: 0 });
  const plain = { buttons: (await still.$$("button, input")).length, rows: (await still.$$("table.overview tbody tr")).length };
  await browser.close();
  console.log(JSON.stringify({ sorted, hidden, plain, errors }));
})();

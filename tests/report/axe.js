// node axe.js NODE_MODULES PAGE...: prints the violations that axe-core finds in each page, light and dark, as JSON.
const [modules, ...pages] = process.argv.slice(2);
const puppeteer = require(`${modules}/puppeteer-core`);
const axe = require("fs").readFileSync(`${modules}/axe-core/axe.min.js`, "utf8");
(async () => {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  const browser = await puppeteer.launch({ executablePath: "/usr/bin/chromium", headless: true, args, timeout: 0, protocolTimeout: 900_000 });
  const found = [];
  for (const page of pages) {
    for (const scheme of ["light", "dark"]) {
      for (const width of [1280, 390]) {
        const tab = await browser.newPage();
        await tab.setBypassCSP(true);
        await tab.setViewport({ width, height: 900 });
        await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await tab.goto(`file://${page}`, { timeout: 0 });
        await tab.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
        await tab.evaluate(axe);
        const result = await tab.evaluate(() => window.axe.run());
        const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (overflow > 0) found.push({ scheme, width, id: "page-overflow", nodes: [String(overflow)] });
        for (const v of result.violations) {
          found.push({ scheme, width, id: v.id, nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)) });
        }
        await tab.close();
      }
    }
  }
  await browser.close();
  console.log(JSON.stringify(found));
})();

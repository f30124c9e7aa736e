using System.Globalization;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.Reporting.Browser;

/// <summary>What every report must be in a browser, on a desk and on a phone, light and dark and in print.</summary>
internal static class ReportCheck
{
    /// <summary>Charts without a mark that can be seen.</summary>
    private const string EmptyCharts = """
        [...document.querySelectorAll('svg.chart')].filter(chart => {
          const frame = chart.getBoundingClientRect();
          return ![...chart.querySelectorAll('.bar, polyline.line, .mark')].some(mark => {
            const box = mark.getBoundingClientRect();
            return box.width + box.height > 0 && box.left >= frame.left - 1 && box.right <= frame.right + 1 && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
          });
        }).map(chart => chart.getAttribute('aria-label'))
        """;

    /// <summary>Texts of charts that leave their chart, and texts that lie over each other.</summary>
    private const string BadTexts = """
        [...document.querySelectorAll('svg.chart')].flatMap(chart => {
          const frame = chart.getBoundingClientRect();
          const scale = frame.width / 400;
          const texts = [...chart.querySelectorAll('text')].map(text => ({ name: text.textContent, box: text.getBoundingClientRect() }));
          const title = chart.getAttribute('aria-label');
          const outside = texts.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
            .map(({ name }) => title + ': "' + name + '" leaves the chart');
          const over = texts.flatMap((one, i) => texts.slice(i + 1).filter(other => {
            const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
            const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
            return width > 2 * scale && height > 6 * scale;
          }).map(other => title + ': "' + one.name + '" lies over "' + other.name + '"'));
          return outside.concat(over);
        })
        """;

    /// <summary>Charts whose text a reader sees smaller than 11 pixels, or larger than the page's own headings.</summary>
    private const string TextSizes = """
        [...document.querySelectorAll('svg.chart')].filter(chart => chart.querySelector('text')).map(chart => {
          const size = parseFloat(getComputedStyle(chart.querySelector('text')).fontSize) * chart.getBoundingClientRect().width / chart.viewBox.baseVal.width;
          return { name: chart.getAttribute('aria-label'), size };
        }).filter(({ size }) => size < MINIMUM || size > 18).map(({ name, size }) => name + ': ' + size.toFixed(1) + ' px')
        """;

    /// <summary>Tables that are wider than what there is for them: paper does not scroll.</summary>
    private const string CutTables = """
        [...document.querySelectorAll('.table')].filter(table => table.firstChild.getBoundingClientRect().right > table.getBoundingClientRect().right + 1)
          .map(table => table.textContent.slice(0, 80))
        """;

    /// <summary>Texts whose contrast with what is behind them is below WCAG's 4.5.</summary>
    private const string PaleTexts = """
        (() => {
          const channels = color => color.match(/[\d.]+/g).map(Number);
          const luminance = color => channels(color).slice(0, 3).map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const behind = element => {
            for (let e = element; e; e = e.parentElement) {
              const color = getComputedStyle(e).backgroundColor;
              if (channels(color).length < 4 || channels(color)[3] > 0) return color;
            }
            return 'rgb(255, 255, 255)';
          };
          const seen = new Set();
          for (const element of document.querySelectorAll('h1, h2, h3, p, th, td, summary, pre, mark, figcaption, .tokens span, svg.chart text:not(.inside)')) {
            const ink = element.namespaceURI.endsWith('svg') ? getComputedStyle(element).fill : getComputedStyle(element).color;
            const [a, b] = [luminance(ink), luminance(behind(element))];
            const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (contrast < 4.5) seen.add(element.tagName + '.' + element.getAttribute('class') + ': ' + contrast.toFixed(2));
          }
          return [...seen];
        })()
        """;

    /// <summary>Opens a page in every way and takes its screenshots, in build/screenshots.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="path">The page.</param>
    /// <param name="name">Of the screenshots.</param>
    public static void Run(HeadlessBrowser browser, string path, string name)
    {
        browser.Navigate(path);
        Assert.That(browser.Evaluate<int>("document.querySelectorAll('svg.chart').length"), Is.Positive);
        Assert.That(browser.Evaluate<int>("document.scripts.length + performance.getEntriesByType('resource').length"), Is.Zero, "No script and no other file.");
        foreach (var (width, device) in new[] { (390, "phone"), (360, "small phone"), (760, "tablet"), (1100, "desktop") })
        {
            foreach (var dark in new[] { false, true })
            {
                browser.Emulate(width, 800, dark);
                Check(browser, $"{name} on a {device}, {(dark ? "dark" : "light")}", dark);
                Save(browser, $"{name}-{device.Replace(' ', '-')}-{(dark ? "dark" : "light")}.png");
            }
        }

        browser.Emulate(720, 1000, dark: true, print: true);
        Check(browser, $"{name} in print", dark: false, smallestText: 10.5);
        Assert.That(browser.Evaluate<string[]>(CutTables), Is.Empty, $"{name} in print: tables that leave the paper");
        Save(browser, $"{name}-print.png");
        Assert.That(browser.Complaints, Is.Empty);
    }

    private static void Check(HeadlessBrowser browser, string what, bool dark, double smallestText = 11)
    {
        var page = browser.Evaluate<string>("getComputedStyle(document.body).backgroundColor");
        Assert.Multiple(() =>
        {
            Assert.That(page, Is.EqualTo(dark ? "rgb(20, 23, 28)" : "rgb(255, 255, 255)"), what);
            Assert.That(browser.Evaluate<double>("document.documentElement.scrollWidth - innerWidth"), Is.LessThanOrEqualTo(0), $"{what}: wider than the window");
            Assert.That(browser.Evaluate<string[]>(EmptyCharts), Is.Empty, $"{what}: charts without marks");
            Assert.That(browser.Evaluate<string[]>(BadTexts), Is.Empty, what);
            Assert.That(browser.Evaluate<string[]>(TextSizes.Replace("MINIMUM", smallestText.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)), Is.Empty, $"{what}: text sizes");
            Assert.That(browser.Evaluate<string[]>(PaleTexts), Is.Empty, $"{what}: contrast");
        });
    }

    private static void Save(HeadlessBrowser browser, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Oracles.Root, "build", "screenshots"));
        File.WriteAllBytes(Path.Combine(folder.FullName, name), browser.Screenshot());
    }
}

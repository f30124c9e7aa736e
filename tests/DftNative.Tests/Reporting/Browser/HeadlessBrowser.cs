using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.Reporting.Browser;

/// <summary>Debian's Chromium without a window, driven by the DevTools protocol over its WebSocket. One page, used by one thread.</summary>
internal sealed class HeadlessBrowser : IDisposable
{
    private static readonly string[] Programs = ["chromium", "chromium-browser", "google-chrome"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ScratchDirectory profile = new();
    private readonly ClientWebSocket socket = new();
    private readonly List<string> complaints = [];
    private readonly Process process;
    private int lastId;

    private HeadlessBrowser(Process process) => this.process = process;

    /// <summary>What the page wrote to the console, threw, or asked of a network since it was opened.</summary>
    public IReadOnlyList<string> Complaints => complaints;

    /// <summary>A browser, or a skipped test where none is installed.</summary>
    public static HeadlessBrowser Open()
    {
        var path = Programs.SelectMany(program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program))).FirstOrDefault(File.Exists);
        if (path is null) Assert.Ignore("Chromium is not installed (Debian: apt-get install chromium)");
        // The profile goes with the browser.
        var browser = new HeadlessBrowser(new Process());
        try
        {
            browser.Start(path!);
            return browser;
        }
        catch
        {
            browser.Dispose();
            throw;
        }
    }

    /// <summary>Opens a page of the disk.</summary>
    public void Navigate(string path)
    {
        complaints.Clear();
        Call("Page.navigate", new { url = new Uri(Path.GetFullPath(path)).AbsoluteUri });
        var watch = Stopwatch.StartNew();
        while (Evaluate<string>("document.readyState + location.protocol") != "completefile:")
        {
            if (watch.Elapsed > Patience) throw new TimeoutException($"{path} was not loaded");
            Thread.Sleep(20);
        }
    }

    /// <summary>Makes the window as wide and high, as the reader prefers light or dark, or as the page is printed.</summary>
    public void Emulate(int width, int height, bool dark, bool print = false)
    {
        Call("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = width < 600 });
        Call("Emulation.setEmulatedMedia", new { media = print ? "print" : "screen", features = new[] { new { name = "prefers-color-scheme", value = dark ? "dark" : "light" } } });
    }

    /// <summary>The value of an expression in the page.</summary>
    public T Evaluate<T>(string expression)
    {
        var result = Call("Runtime.evaluate", new { expression, returnByValue = true });
        if (result.TryGetProperty("exceptionDetails", out var details)) throw new InvalidOperationException(details.ToString());
        return result.GetProperty("result").GetProperty("value").Deserialize<T>()!;
    }

    /// <summary>The whole page as a PNG.</summary>
    public byte[] Screenshot() =>
        Call("Page.captureScreenshot", new { format = "png", captureBeyondViewport = true, clip = new { x = 0, y = 0, width = Evaluate<double>("innerWidth"), height = Evaluate<double>("document.documentElement.scrollHeight"), scale = 1 } })
            .GetProperty("data").GetBytesFromBase64();

    public void Dispose()
    {
        socket.Dispose();
        try
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It never started.
        }

        process.Dispose();
        profile.Dispose();
    }

    private void Start(string path)
    {
        process.StartInfo = new ProcessStartInfo(path, ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "about:blank"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        process.ErrorDataReceived += (_, _) => { };
        process.OutputDataReceived += (_, _) => { };
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var port = WaitForPort();
        using var http = new HttpClient();
        var pages = JsonDocument.Parse(http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/json")).GetAwaiter().GetResult()).RootElement;
        var address = pages.EnumerateArray().First(page => page.GetProperty("type").GetString() == "page").GetProperty("webSocketDebuggerUrl").GetString()!;
        socket.ConnectAsync(new Uri(address), CancellationToken.None).GetAwaiter().GetResult();
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" }) Call($"{domain}.enable", new { });
    }

    /// <summary>The browser writes the port that it has taken into its profile.</summary>
    private string WaitForPort()
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var file = profile.PathOf("DevToolsActivePort");
            if (File.Exists(file) && File.ReadAllLines(file) is [var port, _, ..]) return port;
            if (process.HasExited || watch.Elapsed > Patience) throw new TimeoutException("Chromium did not start");
            Thread.Sleep(20);
        }
    }

    private JsonElement Call(string method, object parameters)
    {
        var id = ++lastId;
        using var patience = new CancellationTokenSource(Patience);
        socket.SendAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { id, method, @params = parameters })), WebSocketMessageType.Text, true, patience.Token).GetAwaiter().GetResult();
        while (true)
        {
            var message = Receive(patience.Token);
            if (message.TryGetProperty("id", out var answered) && answered.GetInt32() == id)
                return message.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{method}: {message}");
            Note(message);
        }
    }

    private JsonElement Receive(CancellationToken cancellation)
    {
        using var text = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (true)
        {
            var part = socket.ReceiveAsync(buffer, cancellation).GetAwaiter().GetResult();
            text.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return JsonDocument.Parse(text.ToArray()).RootElement;
        }
    }

    private void Note(JsonElement message)
    {
        var method = message.TryGetProperty("method", out var name) ? name.GetString() : null;
        var isForeignRequest = method == "Network.requestWillBeSent" && message.GetProperty("params").GetProperty("request").GetProperty("url").GetString() is { } url
            && !url.StartsWith("file:", StringComparison.Ordinal) && url != "about:blank";
        if (isForeignRequest || method is "Runtime.consoleAPICalled" or "Runtime.exceptionThrown" or "Log.entryAdded") complaints.Add(message.ToString());
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DftNative.Tests.Hub;

/// <summary>
/// A Hub of one model on loopback, and on another port the storage that it redirects to for large files, which are those
/// named *.safetensors and tokenizer.json. A script may change any answer.
/// </summary>
internal sealed class HubServer : IAsyncDisposable
{
    public const string Model = "org/tiny";

    private readonly WebApplication application;
    private readonly ConcurrentQueue<HubRequest> requests = [];

    private HubServer(WebApplication application) => this.application = application;

    public string Commit { get; set; } = new('a', 40);

    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>Changes an answer, or leaves it as it is.</summary>
    public Func<HubRequest, HubReply, HubReply> Script { get; set; } = (_, reply) => reply;

    public IReadOnlyList<HubRequest> Requests => [.. requests];

    public string Endpoint { get; private set; } = "";

    public string Storage { get; private set; } = "";

    public static async Task<HubServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.Listen(IPAddress.Loopback, 0);
        });
        var application = builder.Build();
        var server = new HubServer(application);
        application.Run(server.HandleAsync);
        await application.StartAsync();
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        (server.Endpoint, server.Storage) = (addresses[0], addresses[1]);
        return server;
    }

    public string Etag(string file) => IsLarge(file)
        ? Convert.ToHexStringLower(SHA256.HashData(Files[file]))
        : Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {Files[file].Length}\0"), .. Files[file]]));

    public void ClearRequests() => requests.Clear();

    public IEnumerable<HubRequest> RequestsFor(string kind, string file) => requests.Where(request => request.Kind == kind && request.File == file);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await application.StopAsync(now.Token);
        await application.DisposeAsync();
    }

    private static bool IsLarge(string file) => file.EndsWith(".safetensors", StringComparison.Ordinal) || file == "tokenizer.json";

    private async Task HandleAsync(HttpContext context)
    {
        var parts = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isHead = context.Request.Method == "HEAD";
        var kind = parts[0] switch { "api" => "revision", "storage" => "storage", _ => isHead ? "head" : "resolve" };
        var range = context.Request.Headers.Range.ToString();
        var from = range.Length == 0 ? 0 : long.Parse(range["bytes=".Length..^1]);
        var authorization = context.Request.Headers.Authorization.ToString();
        var request = new HubRequest(kind, kind == "revision" ? "" : parts[^1], from, authorization.Length == 0 ? null : authorization);
        requests.Enqueue(request);
        await SendAsync(context, Script(request, Answer(request, parts)), isHead);
    }

    private HubReply Answer(HubRequest request, string[] parts)
    {
        if (request.Kind == "revision")
        {
            if (string.Join('/', parts[2..4]) != Model) return HubReply.Error(404, "RepoNotFound");
            if (parts[^1] != "main" && parts[^1] != Commit) return HubReply.Error(404, "RevisionNotFound");
            var siblings = string.Join(',', Files.Keys.Order(StringComparer.Ordinal).Select(file => $"{{\"rfilename\":{JsonSerializer.Serialize(file)}}}"));
            return new HubReply(200, [], Encoding.UTF8.GetBytes($"{{\"sha\":\"{Commit}\",\"siblings\":[{siblings}]}}"));
        }

        if (!Files.TryGetValue(request.File, out var body) || (request.Kind != "storage" && parts[^2] != Commit)) return HubReply.Error(404, "EntryNotFound");
        if (request.Kind == "storage") return Content(body, request.From);
        var reply = (IsLarge(request.File) ? Redirect(request.File, body.Length) : Content(body, request.From).With("ETag", $"\"{Etag(request.File)}\"")).With("X-Repo-Commit", Commit);
        return reply;
    }

    private HubReply Redirect(string file, int length) => new(302, new()
    {
        ["Location"] = $"{Storage}/storage/{file}?signature=secret",
        ["X-Linked-Etag"] = $"\"{Etag(file)}\"",
        ["X-Linked-Size"] = $"{length}",
    }, []);

    private static HubReply Content(byte[] body, long from) => from == 0 ? new HubReply(200, [], body)
        : from >= body.Length ? HubReply.Error(416)
        : new HubReply(206, new() { ["Content-Range"] = $"bytes {from}-{body.Length - 1}/{body.Length}" }, body[(int)from..]);

    private static async Task SendAsync(HttpContext context, HubReply reply, bool isHead)
    {
        context.Response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers) context.Response.Headers[name] = value;
        context.Response.ContentLength ??= reply.Body.Length;
        if (isHead) return;
        var length = reply.CutAt ?? reply.HangAt ?? reply.Body.Length;
        await context.Response.Body.WriteAsync(reply.Body.AsMemory(0, Math.Min(length, reply.Body.Length)));
        await context.Response.Body.FlushAsync();
        if (reply.IsReset) context.Abort();

        // A body that is shorter than announced makes the server close the connection, in order.
        if (reply.HangAt is null) return;
        try
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
        }
    }
}

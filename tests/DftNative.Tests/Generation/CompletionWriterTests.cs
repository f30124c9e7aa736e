using System.Text;
using System.Text.Json;
using DftNative.Generation;

namespace DftNative.Tests.Generation;

public sealed class CompletionWriterTests
{
    /// <summary>No request is made for it; the row says why.</summary>
    [Test]
    public void APromptOfATokenThatTheModelHasNotHasAnError()
    {
        using var field = JsonDocument.Parse("""{"prompt": "a text"}""");
        using var output = new MemoryStream();
        PromptRow[] rows = [.. Enumerable.Range(1, 2).Select(line => new PromptRow(line, field.RootElement, "a text", null))];
        using var writer = new CompletionWriter(output, rows, samples: 1);
        var requests = writer.CreateRequests([[4, 64, 5], [63]], maxPromptLength: 10, vocabularySize: 64);
        Assert.Multiple(() =>
        {
            Assert.That(requests.Select(request => request.Prompt), Is.EqualTo((int[][])[[63]]));
            Assert.That(writer.FailedCount, Is.EqualTo(1));
            Assert.That(Encoding.UTF8.GetString(output.ToArray()), Does.Contain("the prompt has token 64, and the model's are 0 to 63"));
        });
    }
}

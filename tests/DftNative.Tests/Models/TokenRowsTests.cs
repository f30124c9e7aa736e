using DftNative.Models;

namespace DftNative.Tests.Models;

/// <summary>Rows grouped by token.</summary>
public sealed class TokenRowsTests
{
    [Test]
    public void GroupsAscendWithinAndBetween()
    {
        var rows = new TokenRows([7, 2, 151_935, 7, 0, 2, 7]);
        Assert.Multiple(() =>
        {
            Assert.That(rows.DistinctTokens, Is.EqualTo(new[] { 0, 2, 7, 151_935 }));
            Assert.That(rows.Starts, Is.EqualTo(new[] { 0, 1, 3, 6, 7 }));
            Assert.That(rows.Rows, Is.EqualTo(new[] { 4, 1, 5, 0, 3, 6, 2 }));
        });
    }

    [Test]
    public void OfNoTokens()
    {
        var rows = new TokenRows([]);
        Assert.Multiple(() =>
        {
            Assert.That(rows.DistinctTokens, Is.Empty);
            Assert.That(rows.Rows, Is.Empty);
            Assert.That(rows.Starts, Is.EqualTo(new[] { 0 }));
        });
    }
}

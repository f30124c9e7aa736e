using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>Peaks by the names that drivers give: a wrong one would be a wrong utilisation in every line of metrics.</summary>
internal sealed class DevicePeaksTests
{
    [TestCase("NVIDIA H200", 989.4e12)]
    [TestCase("NVIDIA H100 80GB HBM3", 989.4e12)]
    [TestCase("NVIDIA H100 PCIe", 756e12)]
    [TestCase("NVIDIA A100-SXM4-80GB", 311.9e12)]
    [TestCase("NVIDIA GeForce RTX 4090", 165.2e12)]
    [TestCase("NVIDIA GeForce RTX 4090 Laptop GPU", null)]
    [TestCase("EMULATED sm_90 (CPU)", null)]
    public void AreTheDatasheets(string name, double? peak) => Assert.That(DevicePeaks.Find(name), Is.EqualTo(peak));
}

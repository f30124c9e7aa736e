using System.Text.Json.Nodes;

namespace DftNative.Tests.ChatTemplates;

/// <summary>A template and what it is rendered with.</summary>
internal sealed record JinjaRequest(string Template, JsonObject Variables);

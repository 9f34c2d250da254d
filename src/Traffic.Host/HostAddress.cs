using System.CommandLine;

namespace Traffic.Host;

/// <summary>The option <c>--to</c> of the verbs that are HTTP clients.</summary>
static class HostAddress
{
    public static Option<Uri> Option() => new("--to")
    {
        DefaultValueFactory = _ => new Uri("http://127.0.0.1:5080"),
        Description = "The host's address. 服务地址。",
        CustomParser = parsed =>
        {
            if (Uri.TryCreate(parsed.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
                return address;
            parsed.AddError("--to: an address like http://127.0.0.1:5080 was expected. 应为形如 http://127.0.0.1:5080 的地址。");
            return null;
        },
    };
}

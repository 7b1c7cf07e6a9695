using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Hosting;

/// <summary>How the site is reached (section <c>Site</c>).</summary>
public sealed class SiteOptions
{
    /// <summary>
    /// Scheme, host and port that visitors type, without a path. Default <c>http://localhost:5080</c>. With https, cookies are <c>__Host-</c>
    /// and Secure and HSTS is sent; plain http is accepted for localhost and <c>.onion</c> only. Absolute links are built from it, never from a request.
    /// </summary>
    public string PublicOrigin { get; set; } = "http://localhost:5080";

    /// <summary>Origin of the same site as an onion service; sent as <c>Onion-Location</c> where <see cref="PublicOrigin"/> is https. Default: none.</summary>
    public string? OnionOrigin { get; set; }

    /// <summary>
    /// The one reverse proxy in front of us, as an address or a network in CIDR form. Only then is <c>X-Forwarded-For</c> believed, from it
    /// alone and for exactly one hop. Default: none.
    /// </summary>
    public string? TrustedProxy { get; set; }

    /// <summary>Whether visitors come over https, which decides names and flags of cookies.</summary>
    public bool IsHttps => PublicOrigin.StartsWith("https://", StringComparison.Ordinal);

    /// <summary>Whether visitors come through Tor, where every client has the same address.</summary>
    public bool IsOnion => Uri.TryCreate(PublicOrigin, UriKind.Absolute, out var uri) && IsOnionHost(uri.Host);

    internal static bool IsOnionHost(string host) => host.EndsWith(".onion", StringComparison.OrdinalIgnoreCase);

    internal static bool IsLocalHost(string host) => host is "localhost" or "127.0.0.1" or "[::1]" or "::1";

    internal sealed class Validation : IValidateOptions<SiteOptions>
    {
        public ValidateOptionsResult Validate(string? name, SiteOptions options)
        {
            var mistakes = new List<string>();
            if (!IsOrigin(options.PublicOrigin, out var origin))
                mistakes.Add($"Site:PublicOrigin must be an origin as 'https://example.org', without a path; it is '{options.PublicOrigin}'.");
            else if (origin.Scheme != Uri.UriSchemeHttps && !IsLocalHost(origin.Host) && !IsOnionHost(origin.Host))
                mistakes.Add($"Site:PublicOrigin must be https, unless its host is localhost or ends in .onion; it is '{options.PublicOrigin}'.");

            if (options.OnionOrigin is { Length: > 0 } && !(IsOrigin(options.OnionOrigin, out var onion) && IsOnionHost(onion.Host)))
                mistakes.Add($"Site:OnionOrigin must be an origin whose host ends in .onion; it is '{options.OnionOrigin}'.");
            if (options.TrustedProxy is { Length: > 0 } && ProxyHop.Parse(options.TrustedProxy) is null)
                mistakes.Add($"Site:TrustedProxy must be an address or a network as '10.0.0.0/24'; it is '{options.TrustedProxy}'.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }

        private static bool IsOrigin(string text, out Uri origin) =>
            Uri.TryCreate(text, UriKind.Absolute, out origin!) && origin.Scheme is "http" or "https"
            && origin.GetLeftPart(UriPartial.Authority) == text;
    }
}

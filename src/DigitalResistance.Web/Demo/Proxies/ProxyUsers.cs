using System.Collections.Concurrent;

namespace DigitalResistance.Web.Demo.Proxies;

/// <summary>
/// The users of one demo proxy. Without any it is open to everybody. The registry proves control by naming a user that
/// the operator must add, so users may come while the proxy runs.
/// </summary>
internal sealed class ProxyUsers
{
    private readonly ConcurrentDictionary<string, string> _passwords = new(StringComparer.Ordinal);

    /// <summary>Whether everybody may come without a name.</summary>
    public bool IsOpen => _passwords.IsEmpty;

    public void Add(string user, string password) => _passwords[user] = password;

    public bool Knows(string user, string password) => _passwords.TryGetValue(user, out var expected) && expected == password;
}

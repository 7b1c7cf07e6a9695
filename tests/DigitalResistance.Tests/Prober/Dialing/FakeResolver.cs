using System.Net;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Tests.Prober.Dialing;

/// <summary>A name server that answers each question with what a test says, and counts the questions.</summary>
internal sealed class FakeResolver(Func<int, string[]> answer) : INameResolver
{
    public FakeResolver(params string[] addresses)
        : this(_ => addresses)
    {
    }

    public int Questions { get; private set; }

    public ValueTask<NameLookup> LookUpAsync(HostName host, CancellationToken cancellation)
    {
        var addresses = answer(Questions++).Select(IPAddress.Parse).ToArray();
        return ValueTask.FromResult<NameLookup>(addresses.Length > 0 ? new NameLookup.Found(addresses) : new NameLookup.Missing(Failure.NameNotFound));
    }

    public ValueTask<TextLookup> LookUpTextAsync(HostName host, CancellationToken cancellation) => ValueTask.FromResult<TextLookup>(new TextLookup.Found([]));

    public ValueTask<TextLookup> LookUpNamesAsync(IPAddress address, CancellationToken cancellation) => ValueTask.FromResult<TextLookup>(new TextLookup.Found([]));
}

using DigitalResistance.Prober.Tls;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace DigitalResistance.Tests.Prober.Tls;

public sealed class Tls13KeysTests
{
    /// <summary>RFC 8448 §3.</summary>
    [Fact]
    public void The_key_schedule_is_that_of_the_RFC()
    {
        var shared = new byte[32];
        X25519.ScalarMult(Hex("49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005"), 0, Hex("c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f"), 0, shared, 0);
        Assert.Equal("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d", Convert.ToHexStringLower(shared));
        var keys = new Tls13Keys(CipherSuite.Aes128GcmSha256, shared);
        var handshake = keys.Handshake(Hex("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8"));
        Assert.Equal("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21", Convert.ToHexStringLower(handshake.Client));
        Assert.Equal("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38", Convert.ToHexStringLower(handshake.Server));
        Assert.Equal("3fce516009c21727d0f2e4e86ee403bc", Convert.ToHexStringLower(keys.ExpandLabel(handshake.Server, "key", [], 16)));
        Assert.Equal("5d313eb2671276ee13000b30", Convert.ToHexStringLower(keys.ExpandLabel(handshake.Server, "iv", [], 12)));
        var upToFinished = Hex("9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13");
        var application = keys.Application(upToFinished);
        Assert.Equal("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5", Convert.ToHexStringLower(application.Client));
        Assert.Equal("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643", Convert.ToHexStringLower(application.Server));
        Assert.Equal("a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2edd5ce61", Convert.ToHexStringLower(keys.Finished(handshake.Client, upToFinished)));
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);
}

namespace DigitalResistance.Tests.Prober.Dialing;

/// <summary>Ways to write a host that must never be dialled, each of which got past somebody's check once.</summary>
internal static class Spellings
{
    /// <summary>Loopback, private, link-local and metadata addresses in every notation that some parser understands.</summary>
    public static IEnumerable<string> OfForbiddenIPv4()
    {
        foreach (var address in new[] { "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0" })
        {
            var b = address.Split('.').Select(byte.Parse).ToArray();
            var number = ((uint)b[0] << 24) | ((uint)b[1] << 16) | ((uint)b[2] << 8) | b[3];
            yield return address; // canonical: accepted as a host, refused as an address
            yield return $"{number}";
            yield return $"0x{number:x}";
            yield return $"0X{number:X8}";
            yield return $"0{Convert.ToString(number, 8)}";
            yield return $"{b[0]}.{number & 0xffffff}";
            yield return $"{b[0]}.{b[1]}.{number & 0xffff}";
            yield return $"0x{b[0]:x}.0x{b[1]:x}.0x{b[2]:x}.0x{b[3]:x}";
            yield return $"0{Convert.ToString(b[0], 8)}.0{Convert.ToString(b[1], 8)}.0{Convert.ToString(b[2], 8)}.0{Convert.ToString(b[3], 8)}";
            yield return $"{b[0]:000}.{b[1]:000}.{b[2]:000}.{b[3]:000}";
            yield return $"0x{b[0]:x}.{number & 0xffffff}";
            yield return $"{address}.";
            yield return $" {address}";
            yield return $"{address} ";
            yield return $"{address}\t";
            yield return $"{address}\n";
            yield return $"{address}\0.example.net";
            yield return $"{address}%25";
            yield return $"[{address}]";
            yield return $"+{address}";
            yield return string.Concat(address.Select(c => c == '.' ? '。' : c));
            yield return string.Concat(address.Select(c => c == '.' ? '．' : c));
            yield return string.Concat(address.Select(c => c == '.' ? c : (char)('０' + (c - '0'))));
            yield return string.Concat(address.Select(c => c is >= '1' and <= '9' ? (char)('①' + (c - '1')) : c));
        }
    }

    /// <summary>The same through IPv6.</summary>
    public static IEnumerable<string> OfForbiddenIPv6() =>
    [
        "::1", "::", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001", "::0:1", "0::1", "::01", "::0001", "[::1]", "::1%lo", "::1%1", "fe80::1%eth0", "fe80::1%25eth0", "::1/128",
        "::ffff:127.0.0.1", "::ffff:7f00:1", "::FFFF:127.0.0.1", "0:0:0:0:0:ffff:127.0.0.1", "::ffff:0:127.0.0.1", "::127.0.0.1", "::7f00:1", "::10.0.0.1", "::a00:1",
        "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "64:ff9b:1:ffff::a00:1", "2002:7f00:1::", "2002:7f00:1::1", "2002:a00:1::1", "2002:a9fe:a9fe::",
        "2002:c0a8:101::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::1", "2001:0:7f00:1::", "2001:1::1", "2001:2::1", "2001:3::1", "2001:4:112::1", "2001:10::1", "2001:20::1", "2001:30::1",
        "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::1", "2001:DB8::1", "2001:0db8::1", "3fff::1", "3fff:fff:ffff::1", "5f00::1", "100::1", "100:0:0:1::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fd20:ce::254",
        "fe80::1", "febf::1", "fec0::1", "feff::1", "ff00::1", "ff02::1", "ff05::2", "ff0e::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8000::1", "4000::1", "8000::1", "c000::1", "e000::1", "f000::1",
        "1::1", "200::1", "400::1", "1000::1", "1fff::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "::8.8.8.8",
    ];

    /// <summary>Names that are no public host names.</summary>
    public static IEnumerable<string> OfForbiddenNames() =>
    [
        "", ".", "..", "localhost", "LOCALHOST", "localhost.", "localhost.localdomain.", "foo.localhost", "printer.local", "router.lan", "nas.home", "db.corp", "x.home.arpa", "metadata.google.internal",
        "expyuzz4wqqyqhjn.onion", "x.invalid", "x.alt", "intranet", "a..b.net", ".example.net", "example.net.", "-a.net", "a-.net", "a.-net", "exa mple.net", "exam_ple.net", "example.net:80",
        "user@example.net", "example.net/", "example.net?", "example.net#", "http://example.net", "//example.net", "\\\\example.net", "example.net\\@evil.net", "example.net\r\nHost: evil", "exämple.net", "пример.рф", "例え.jp",
        "example.123", "example.0x7f", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "1.2.3.-4", "1.2.3.4x", "a%00.net", "a%2e.net", "127.0.0.1.5", "0x.net.1", "①②⑦.①.net", "ｅxample.net", "example。net",
        "a.b." + new string('c', 64), string.Join('.', Enumerable.Repeat(new string('a', 62), 5)) + ".net", "*.example.net", "example.net,evil.net", "example.net;evil", "$(x).net", "`x`.net", "'x'.net", "\"x\".net", "<x>.net",
    ];
}

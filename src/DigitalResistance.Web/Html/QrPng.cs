using QRCoder;

namespace DigitalResistance.Web.Html;

/// <summary>A QR code as PNG: SVG is off in Tor Browser's safest mode. The text in it always stands beside it, to be copied.</summary>
internal static class QrPng
{
    /// <summary>Black on white with the quiet zone, four pixels a module.</summary>
    public static byte[] Make(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var png = new PngByteQRCode(data);
        return png.GetGraphic(4);
    }
}

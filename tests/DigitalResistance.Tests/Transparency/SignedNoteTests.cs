using System.Text;
using DigitalResistance.Transparency;

namespace DigitalResistance.Tests.Transparency;

public sealed class SignedNoteTests
{
    // The example of C2SP signed-note.
    private const string ExampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    private const string ExampleNote = "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    // The example of Go's sumdb/note, which came first.
    private const string GoKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string GoNote = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    // The poem at the head of C2SP signed-note: its key is not published, so it only parses.
    private const string Poem = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n\u2014 quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

    [Theory]
    [InlineData(ExampleKey, ExampleNote)]
    [InlineData(GoKey, GoNote)]
    public void Published_examples_verify_and_print_as_they_were(string vkey, string note)
    {
        var key = NoteVerifier.Parse(vkey);
        var parsed = Parse(note);
        Assert.Equal([key], parsed.VerifiedBy(key));
        Assert.Equal(vkey, key.ToString());
        Assert.Equal(note, parsed.ToString());
    }

    [Fact]
    public void The_last_blank_line_separates_the_text_from_the_signatures()
    {
        var parsed = Parse(Poem);
        Assert.EndsWith("ed è subito sera.\n", parsed.Text, StringComparison.Ordinal);
        Assert.Equal("quasimodo.example/salvatore", Assert.Single(parsed.Signatures).Name);
        Assert.Equal(Poem, parsed.ToString());
    }

    [Fact]
    public void Our_key_and_signature_are_those_that_another_program_published()
    {
        Assert.Equal("ledger.example/dr+d7ab4f0c+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea", DemoLog.Signer.ToString());
        var note = new Checkpoint(DemoLog.Origin, 1, DemoLog.Leaves[0]).Sign(DemoLog.Signer);
        Assert.EndsWith("\n\n\u2014 ledger.example/dr 16tPDAP3pqWSaWECsrv/mIjVpNdiHA9C+DnzF/qksZCjhAvTyccwps8K6nLIzqNyPEdIjDcdoENX3uRL4llS9ojRWg0=\n", note.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_whose_base64_holds_a_plus_is_read_whole() =>
        Assert.Equal(DemoLog.Signer.ToString(), NoteVerifier.Parse(DemoLog.Signer.ToString()).ToString());

    [Fact]
    public void Lines_of_unknown_keys_are_ignored_and_a_known_key_that_fails_condemns_the_note()
    {
        var stranger = new NoteSigner(DemoLog.Origin, new byte[32]);
        var both = SignedNote.Sign("text\n", stranger, DemoLog.Signer);
        Assert.Equal([DemoLog.Signer.Verifier], both.VerifiedBy(DemoLog.Signer.Verifier));
        Assert.Equal(2, both.VerifiedBy(DemoLog.Signer.Verifier, stranger.Verifier).Count);

        var broken = both with { Signatures = [both.Signatures[0] with { Signature = both.Signatures[1].Signature }, both.Signatures[1]] };
        Assert.Equal([DemoLog.Signer.Verifier], broken.VerifiedBy(DemoLog.Signer.Verifier));
        Assert.Throws<FormatException>(() => broken.VerifiedBy(DemoLog.Signer.Verifier, stranger.Verifier));
        Assert.Contains("not signed by", Assert.Throws<FormatException>(() => (both with { Signatures = [both.Signatures[0]] }).VerifiedBy(DemoLog.Signer.Verifier)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flipped_bit_of_a_signed_note_is_refused()
    {
        var key = NoteVerifier.Parse(ExampleKey);
        var note = Encoding.UTF8.GetBytes(ExampleNote);
        for (var bit = 0; bit < note.Length * 8; bit++)
        {
            var flipped = note.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.ThrowsAny<FormatException>(() => SignedNote.Parse(flipped).VerifiedBy(key));
        }
    }

    [Theory]
    [InlineData("text\n", "no blank line")]
    [InlineData("text\n\n", "no signature line")]
    [InlineData("text\n\n\u2014 a AAAAAAAA", "no signature line")]
    [InlineData("te\txt\n\n\u2014 a AAAAAAAA\n", "control")]
    [InlineData("text\n\n- a AAAAAAAA\n", "not a signature line")]
    [InlineData("text\n\n\u2014 a  AAAAAAAA\n", "not a signature line")]
    [InlineData("text\n\n\u2014 a+b AAAAAAAA\n", "cannot name a key")]
    [InlineData("text\n\n\u2014 \u00a0 AAAAAAAA\n", "cannot name a key")]
    [InlineData("text\n\n\u2014 a AAAAAAB=\n", "not canonical base64")]
    [InlineData("text\n\n\u2014 a AAAA\n", "too short")]
    [InlineData("text\n\n\u2014 a AAAAAAAA\r\n", "not a signature line")]
    public void Anything_but_the_one_spelling_is_refused_with_its_reason(string note, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => Parse(note)).Message, StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused() =>
        Assert.Contains("UTF-8", Assert.Throws<FormatException>(() => SignedNote.Parse([0xC3, 0x28, 0x0A, 0x0A])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a+b")]
    [InlineData("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2")]
    public void A_wrong_verifier_key_is_refused(string vkey) => Assert.Throws<FormatException>(() => NoteVerifier.Parse(vkey));

    [Theory]
    [InlineData("o\n01\n{0}\n")]
    [InlineData("o\n+1\n{0}\n")]
    [InlineData("o\n-1\n{0}\n")]
    [InlineData("o\n1 \n{0}\n")]
    [InlineData("\n1\n{0}\n")]
    [InlineData("o\n1\n{0}\nextension\n")]
    [InlineData("o\n1\n{0}")]
    [InlineData("o\n1\n{0}=\n")]
    [InlineData("o\n99999999999999999999\n{0}\n")]
    public void A_checkpoint_has_one_spelling(string text) =>
        Assert.Throws<FormatException>(() => Checkpoint.Parse(text.Replace("{0}", MerkleTree.EmptyRoot.ToBase64(), StringComparison.Ordinal)));

    private static SignedNote Parse(string note) => SignedNote.Parse(Encoding.UTF8.GetBytes(note));
}

using System.Runtime.InteropServices;
using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>
/// A folder whose files appear whole or not at all, and stay after a power cut: written beside, flushed, renamed, and the folder itself
/// flushed, since a rename lives in the folder.
/// </summary>
/// <param name="root">The folder; made when missing.</param>
public sealed class DurableFolder(string root)
{
    private readonly HashSet<string> _unflushed = [];

    /// <summary>Called before each change on the disk. Tests throw from it to stop a writer between any two of them.</summary>
    internal Action<string>? BeforeStep { get; set; }

    /// <summary>Where it is.</summary>
    public string Path => root;

    /// <summary>Reads a file, or null when there is none.</summary>
    public byte[]? Read(string path)
    {
        var file = Full(path);
        return File.Exists(file) ? File.ReadAllBytes(file) : null;
    }

    /// <summary>Writes a file. Its bytes are on the disk when this returns, its name only after <see cref="Flush"/>.</summary>
    public void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var file = Full(path);
        var folder = System.IO.Path.GetDirectoryName(file)!;
        MakeFolder(folder);
        var beside = System.IO.Path.Combine(folder, $".{Guid.NewGuid():N}.new");
        BeforeStep?.Invoke($"write {path}");
        using (var handle = File.OpenHandle(beside, FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(handle, bytes, 0);
            RandomAccess.FlushToDisk(handle);
        }

        BeforeStep?.Invoke($"rename {path}");
        File.Move(beside, file, overwrite: true);
        _unflushed.Add(folder);
    }

    /// <summary>Makes every name written so far survive a power cut.</summary>
    public void Flush()
    {
        if (_unflushed.Count > 0) BeforeStep?.Invoke("flush folders");
        foreach (var folder in _unflushed) FlushFolder(folder);
        _unflushed.Clear();
    }

    /// <summary>
    /// Replaces a file only when it still holds what the caller last saw (null: when it does not exist); false when somebody else was
    /// faster. Durable when this returns true. Works between processes of one machine, by a lock file beside it.
    /// </summary>
    public bool Replace(string path, byte[]? expected, ReadOnlySpan<byte> next)
    {
        MakeFolder(root);
        using var locked = TryLock(Full($".{path}.lock"));
        if (locked is null) return false;
        var current = Read(path);
        if (current is null != expected is null || (current is not null && !current.AsSpan().SequenceEqual(expected))) return false;
        Write(path, next);
        Flush();
        return true;
    }

    /// <summary>Removes a folder that newer files made useless. Not durable, and need not be.</summary>
    public void Remove(string path)
    {
        BeforeStep?.Invoke($"remove {path}");
        if (Directory.Exists(Full(path))) Directory.Delete(Full(path), recursive: true);
    }

    private string Full(string path) => System.IO.Path.Combine(root, path);

    private void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = System.IO.Path.GetDirectoryName(folder);
        if (!string.IsNullOrEmpty(parent)) MakeFolder(parent);
        Directory.CreateDirectory(folder);
        if (!string.IsNullOrEmpty(parent)) _unflushed.Add(parent);
    }

    private static FileStream? TryLock(string file)
    {
        try
        {
            // On Unix this is flock(2): it ends with the process, so a crash leaves no stale lock.
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Gives a file that was written beside it a name that nothing has yet; false where something has it, and then the file is gone. True for one caller, of however many processes.
    /// Not durable before <see cref="FlushFolder"/>.
    /// </summary>
    /// <remarks>A move that does not overwrite is two steps on Unix: it looks, and then renames over whatever came in between. A hard link is one (<see href="https://man7.org/linux/man-pages/man2/link.2.html"/>).</remarks>
    public static bool TryName(string beside, string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            var linked = NativeMethods.link(Encoding.UTF8.GetBytes(beside + '\0'), Encoding.UTF8.GetBytes(file + '\0')) == 0;
            if (linked || Marshal.GetLastPInvokeError() == NativeMethods.AlreadyThere)
            {
                File.Delete(beside);
                return linked;
            }
        }

        // Windows, where this is one step; or a file system without hard links, where nothing better is to be had.
        try
        {
            File.Move(beside, file, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(beside);
            return false;
        }
    }

    /// <summary>Makes the names in a folder survive a power cut. The class library cannot open a folder; Windows has no such call and does not need one.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = NativeMethods.open(Encoding.UTF8.GetBytes(folder + '\0'), 0);
        if (descriptor < 0) throw new IOException($"The folder could not be opened to flush it (error {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (NativeMethods.fsync(descriptor) != 0) throw new IOException($"The folder could not be flushed (error {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = NativeMethods.close(descriptor);
        }
    }

    private static class NativeMethods
    {
        // EEXIST, on Linux as on macOS.
        public const int AlreadyThere = 17;

#pragma warning disable SYSLIB1054, CA5392 // Nothing here needs marshalling; libc is already in the process.
        [DllImport("libc", SetLastError = true)]
        public static extern int link(byte[] existing, byte[] name);

        [DllImport("libc", SetLastError = true)]
        public static extern int open(byte[] path, int flags);

        [DllImport("libc", SetLastError = true)]
        public static extern int fsync(int descriptor);

        [DllImport("libc", SetLastError = true)]
        public static extern int close(int descriptor);
#pragma warning restore SYSLIB1054, CA5392
    }
}

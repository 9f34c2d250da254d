using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Traffic.Contracts;

namespace Traffic.Platform;

/// <summary>
/// Seals the personal members of a record under a key of its own. The key is kept wrapped, beside the record's identity:
/// erasing it erases the person, while bodies, counts and chains stay as they are. AES-256-GCM throughout (NIST SP 800-38D).
/// </summary>
/// <param name="masterKey">32 bytes from outside the database.</param>
public sealed class Seal(byte[] masterKey)
{
    /// <summary>Bytes of a wrapped key: nonce 12, key 32, tag 16.</summary>
    public const int WrappedBytes = Nonce + Key + Tag;

    const int Nonce = 12;
    const int Key = 32;
    const int Tag = 16;

    // One cipher a thread: an AesGcm is not safe for concurrent use.
    [ThreadStatic]
    static (byte[] Key, AesGcm Cipher)? ofThisThread;

    AesGcm Master
    {
        get
        {
            if (ofThisThread is not { } mine || !ReferenceEquals(mine.Key, masterKey))
                ofThisThread = mine = (masterKey, new AesGcm(masterKey, Tag));
            return mine.Cipher;
        }
    }

    /// <summary>A new random key.</summary>
    public static byte[] NewKey()
    {
        var key = new byte[Key];
        FillRandom(key);
        return key;
    }

    /// <summary>A thread asks the system for this much at once: asking costs more than the bytes.</summary>
    const int RandomBlock = 4_096;

    [ThreadStatic] static byte[]? random;
    [ThreadStatic] static int randomUsed;

    static void FillRandom(Span<byte> bytes)
    {
        if (random is null || randomUsed + bytes.Length > RandomBlock)
        {
            RandomNumberGenerator.Fill(random ??= new byte[RandomBlock]);
            randomUsed = 0;
        }
        var taken = random.AsSpan(randomUsed, bytes.Length);
        taken.CopyTo(bytes);
        taken.Clear();
        randomUsed += bytes.Length;
    }

    /// <summary>A key for another purpose, e.g. a keyed hash: from it neither the master key nor another purpose's follows (RFC 5869).</summary>
    public byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, Key, info: System.Text.Encoding.ASCII.GetBytes(purpose));

    /// <summary>The key under the master key.</summary>
    public byte[] Wrap(ReadOnlySpan<byte> key)
    {
        var wrapped = new byte[WrappedBytes];
        FillRandom(wrapped.AsSpan(0, Nonce));
        Master.Encrypt(wrapped.AsSpan(0, Nonce), key, wrapped.AsSpan(Nonce, Key), wrapped.AsSpan(Nonce + Key, Tag));
        return wrapped;
    }

    /// <summary>The key back.</summary>
    /// <exception cref="CryptographicException">Wrapped under another master key, or changed since.</exception>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped)
    {
        var key = new byte[Key];
        Master.Decrypt(wrapped[..Nonce], wrapped.Slice(Nonce, Key), wrapped.Slice(Nonce + Key, Tag), key);
        return key;
    }

    /// <summary>Base64 of ciphertext and tag. The nonce is zero, since a key seals once.</summary>
    public static string SealMembers(ReadOnlySpan<byte> key, ReadOnlySpan<byte> membersJson)
    {
        Span<byte> nonce = stackalloc byte[Nonce];
        nonce.Clear();
        var sealedBytes = ArrayPool<byte>.Shared.Rent(membersJson.Length + Tag);
        using var cipher = new AesGcm(key, Tag);
        cipher.Encrypt(nonce, membersJson, sealedBytes.AsSpan(0, membersJson.Length), sealedBytes.AsSpan(membersJson.Length, Tag));
        var text = Convert.ToBase64String(sealedBytes, 0, membersJson.Length + Tag);
        ArrayPool<byte>.Shared.Return(sealedBytes);
        return text;
    }

    /// <summary>The members back.</summary>
    /// <exception cref="CryptographicException">Another key, or changed since.</exception>
    public static SealedMembers OpenMembers(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes) =>
        JsonSerializer.Deserialize(OpenJson(key, sealedBytes), TrafficJson.Plain.SealedMembers)!;

    /// <summary>The members back as they were written.</summary>
    /// <exception cref="CryptographicException">Another key, or changed since.</exception>
    public static byte[] OpenJson(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes)
    {
        Span<byte> nonce = stackalloc byte[Nonce];
        nonce.Clear();
        var members = new byte[sealedBytes.Length - Tag];
        using var cipher = new AesGcm(key, Tag);
        cipher.Decrypt(nonce, sealedBytes[..^Tag], sealedBytes[^Tag..], members);
        return members;
    }

    /// <summary>Reads the master key from its file; null where there is none.</summary>
    public static Seal? FromFileIfThere(string path) => File.Exists(path) ? FromFile(path) : null;

    /// <summary>Reads the master key from its file, which is made with a random one the first time (mode 0600).</summary>
    public static Seal FromFile(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
            Make(path);
        var key = File.ReadAllBytes(path);
        return key.Length == Key
            ? new Seal(key)
            : throw new StartRefusedException($"The master key in {path} has {key.Length} bytes; it must have {Key}.");
    }

    static void Make(string path)
    {
        // Written aside and then named, so that of two processes starting at once both read the same whole key.
        var aside = $"{path}.{Guid.NewGuid():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(aside, options))
        {
            file.Write(NewKey());
            file.Flush(flushToDisk: true);
        }
        try { File.Move(aside, path, overwrite: false); }
        catch (IOException) when (File.Exists(path)) { File.Delete(aside); }
    }
}

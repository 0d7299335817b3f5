//! Ciphers and hashes for the modules `cryptolib` and `hashlib`, by the RustCrypto crates.
//!
//! The core has these modules written for the interface of a TLS library, axTLS, which its source package leaves out.
//! upy-sys/port/lib/axtls/crypto/crypto.h declares that interface, and this file fulfils it. A cipher keeps its plain
//! key and expands it at each call, so long messages are best given in one piece.
#![allow(
    clippy::missing_safety_doc,
    reason = "the header's contract: valid pointers, sizes as given"
)]

use crate::buffer::report;
use aes::{
    Aes128, Aes256,
    cipher::{BlockDecrypt, BlockEncrypt, KeyInit},
};
use core::{ffi::c_int, slice};
use md5::Md5;
use sha1::{Digest, Sha1};
use upy_sys::{AES_CTX, AES_MODE, AES_MODE_128, MD5_CTX, SHA1_CTX};

const BLOCK_BYTES: usize = 16;

type Block = [u8; BLOCK_BYTES];

const _: () =
    assert!(size_of::<Sha1>() <= size_of::<SHA1_CTX>() && align_of::<Sha1>() <= align_of::<SHA1_CTX>());
const _: () = assert!(size_of::<Md5>() <= size_of::<MD5_CTX>() && align_of::<Md5>() <= align_of::<MD5_CTX>());

/// A cipher with its key expanded.
enum Key {
    Short(Aes128),
    Long(Aes256),
}

impl Key {
    fn of(cipher: &AES_CTX) -> Key {
        let key = &cipher.key;
        if cipher.key_bytes == 16 {
            let mut short = [0; 16];
            short.copy_from_slice(&key[..16]);
            Key::Short(Aes128::new(&short.into()))
        } else {
            Key::Long(Aes256::new(&(*key).into()))
        }
    }

    fn encrypt(&self, block: &mut Block) {
        match self {
            Key::Short(key) => key.encrypt_block(block.into()),
            Key::Long(key) => key.encrypt_block(block.into()),
        }
    }

    fn decrypt(&self, block: &mut Block) {
        match self {
            Key::Short(key) => key.decrypt_block(block.into()),
            Key::Long(key) => key.decrypt_block(block.into()),
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn AES_set_key(ctx: *mut AES_CTX, key: *const u8, iv: *const Block, mode: AES_MODE) {
    // SAFETY: the header's contract; the mode says how long the key is.
    unsafe {
        let key_bytes = if mode == AES_MODE_128 { 16 } else { 32 };
        (*ctx).key_bytes = key_bytes as u8;
        (&mut (*ctx).key)[..key_bytes].copy_from_slice(slice::from_raw_parts(key, key_bytes));
        if let Some(iv) = iv.as_ref() {
            (*ctx).iv = *iv;
        }
    }
}

/// Nothing to prepare: the key is kept as it was given.
#[unsafe(no_mangle)]
extern "C" fn AES_convert_key(_: *mut AES_CTX) {}

#[unsafe(no_mangle)]
unsafe extern "C" fn AES_encrypt(ctx: *const AES_CTX, words: *mut [u32; 4]) {
    // SAFETY: the header's contract.
    unsafe { block_of_words(&mut *words, |block| Key::of(&*ctx).encrypt(block)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn AES_decrypt(ctx: *const AES_CTX, words: *mut [u32; 4]) {
    // SAFETY: the header's contract.
    unsafe { block_of_words(&mut *words, |block| Key::of(&*ctx).decrypt(block)) }
}

/// The caller has swapped the bytes of each word, as the old library wanted; swaps them back around `work`.
fn block_of_words(words: &mut [u32; 4], work: impl FnOnce(&mut Block)) {
    let mut block = [0; BLOCK_BYTES];
    for (bytes, word) in block.chunks_exact_mut(4).zip(words.iter()) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    work(&mut block);
    for (bytes, word) in block.chunks_exact(4).zip(words.iter_mut()) {
        *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn AES_cbc_encrypt(
    ctx: *mut AES_CTX,
    input: *const Block,
    output: *mut Block,
    bytes: c_int,
) {
    // SAFETY: the header's contract: so many blocks at both places, which are the same or apart.
    unsafe {
        let key = Key::of(&*ctx);
        for i in 0..bytes as usize / BLOCK_BYTES {
            let mut block = input.add(i).read();
            xor(&mut block, &(*ctx).iv);
            key.encrypt(&mut block);
            (*ctx).iv = block;
            output.add(i).write(block);
        }
    }
    report(output.cast(), bytes as usize);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn AES_cbc_decrypt(
    ctx: *mut AES_CTX,
    input: *const Block,
    output: *mut Block,
    bytes: c_int,
) {
    // SAFETY: as AES_cbc_encrypt.
    unsafe {
        let key = Key::of(&*ctx);
        for i in 0..bytes as usize / BLOCK_BYTES {
            let secret = input.add(i).read();
            let mut block = secret;
            key.decrypt(&mut block);
            xor(&mut block, &(*ctx).iv);
            (*ctx).iv = secret;
            output.add(i).write(block);
        }
    }
    report(output.cast(), bytes as usize);
}

fn xor(block: &mut Block, other: &Block) {
    for (a, b) in block.iter_mut().zip(other) {
        *a ^= b;
    }
}

/// The three functions of a hash over a Rust hasher that lives in C's opaque state.
macro_rules! hash {
    ($hasher:ty, $state:ty, $init:ident, $update:ident, $finish:ident) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $init(state: *mut $state) {
            // SAFETY: the state has the room and the alignment (asserted above).
            unsafe { state.cast::<$hasher>().write(<$hasher>::new()) }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn $update(state: *mut $state, data: *const u8, bytes: c_int) {
            // SAFETY: the state was made by the function above; the data is the caller's.
            unsafe { (*state.cast::<$hasher>()).update(slice::from_raw_parts(data, bytes as usize)) }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn $finish(digest: *mut u8, state: *mut $state) {
            // SAFETY: the state was made by the function above; the caller has room for the digest.
            unsafe {
                let result = (*state.cast::<$hasher>()).finalize_reset();
                slice::from_raw_parts_mut(digest, result.len()).copy_from_slice(&result);
            }
        }
    };
}

hash!(Sha1, SHA1_CTX, SHA1_Init, SHA1_Update, SHA1_Final);
hash!(Md5, MD5_CTX, MD5_Init, MD5_Update, MD5_Final);

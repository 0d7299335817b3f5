// The ciphers and hashes that MicroPython's modules cryptolib and hashlib ask of a TLS library by the name of axTLS.
// There is no axTLS here: Rust defines these functions (crates/upy/src/crypto.rs). Sizes are asserted there.

#include <stdint.h>

#define SHA1_SIZE 20
#define MD5_SIZE 16

typedef enum { AES_MODE_128, AES_MODE_256 } AES_MODE;

typedef struct {
    uint8_t iv[16];
    uint8_t key[32];
    uint8_t key_bytes;
} AES_CTX;

// Room for the states of Rust's hashers.
typedef struct { uint64_t opaque[14]; } SHA1_CTX;
typedef struct { uint64_t opaque[14]; } MD5_CTX;

// `iv` may be NULL.
void AES_set_key(AES_CTX *ctx, const uint8_t *key, const uint8_t *iv, AES_MODE mode);
// Prepares for decryption.
void AES_convert_key(AES_CTX *ctx);
// One block of four words, each in the order of a big-endian machine.
void AES_encrypt(const AES_CTX *ctx, uint32_t *block);
void AES_decrypt(const AES_CTX *ctx, uint32_t *block);
// Whole blocks, chained over calls by ctx->iv; `in` and `out` may be the same.
void AES_cbc_encrypt(AES_CTX *ctx, const uint8_t *in, uint8_t *out, int bytes);
void AES_cbc_decrypt(AES_CTX *ctx, const uint8_t *in, uint8_t *out, int bytes);

void SHA1_Init(SHA1_CTX *ctx);
void SHA1_Update(SHA1_CTX *ctx, const uint8_t *data, int bytes);
void SHA1_Final(uint8_t *digest, SHA1_CTX *ctx);

void MD5_Init(MD5_CTX *ctx);
void MD5_Update(MD5_CTX *ctx, const uint8_t *data, int bytes);
void MD5_Final(uint8_t *digest, MD5_CTX *ctx);

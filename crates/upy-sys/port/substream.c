// The protocol of a class written in Python that has a native base class (see the edit of py/objtype.c). The functions of a
// native protocol know the layout of a native object, and an instance of a subclass is none: its native part is.

#include "py/mperrno.h"
#include "py/objtype.h"
#include "py/runtime.h"
#include "py/stream.h"

// What the instance holds of a native stream, and its protocol; NULL while that is not made yet.
static const mp_stream_p_t *native_part(mp_obj_t *object, int *errcode) {
    *object = ((mp_obj_instance_t *)MP_OBJ_TO_PTR(*object))->subobj[0];
    const mp_stream_p_t *stream = MP_OBJ_TYPE_GET_SLOT_OR_NULL(mp_obj_get_type(*object), protocol);
    *errcode = MP_EINVAL;
    return stream;
}

static mp_uint_t substream_read(mp_obj_t self, void *buffer, mp_uint_t bytes, int *errcode) {
    const mp_stream_p_t *stream = native_part(&self, errcode);
    if (stream == NULL || stream->read == NULL) {
        return MP_STREAM_ERROR;
    }
    *errcode = 0;
    return stream->read(self, buffer, bytes, errcode);
}

static mp_uint_t substream_write(mp_obj_t self, const void *buffer, mp_uint_t bytes, int *errcode) {
    const mp_stream_p_t *stream = native_part(&self, errcode);
    if (stream == NULL || stream->write == NULL) {
        return MP_STREAM_ERROR;
    }
    *errcode = 0;
    return stream->write(self, buffer, bytes, errcode);
}

static mp_uint_t substream_ioctl(mp_obj_t self, mp_uint_t request, uintptr_t argument, int *errcode) {
    const mp_stream_p_t *stream = native_part(&self, errcode);
    if (stream == NULL || stream->ioctl == NULL) {
        return MP_STREAM_ERROR;
    }
    return stream->ioctl(self, request, argument, errcode);
}

static const mp_stream_p_t substream_of_bytes = { substream_read, substream_write, substream_ioctl, .is_text = false };
static const mp_stream_p_t substream_of_text = { substream_read, substream_write, substream_ioctl, .is_text = true };

static bool has_method(const mp_obj_dict_t *methods, qstr name) {
    return mp_map_lookup((mp_map_t *)&methods->map, MP_OBJ_NEW_QSTR(name), MP_MAP_LOOKUP) != NULL;
}

const void *upy_inherited_protocol(const mp_obj_type_t *base) {
    const void *protocol = MP_OBJ_TYPE_GET_SLOT_OR_NULL(base, protocol);
    const mp_obj_dict_t *methods = MP_OBJ_TYPE_GET_SLOT_OR_NULL(base, locals_dict);
    // A base without methods of its own, io.IOBase and machine.PinBase, has a protocol that calls the subclass's.
    if (protocol == NULL || methods == NULL || mp_obj_is_instance_type(base)) {
        return protocol;
    }
    if (has_method(methods, MP_QSTR_read) || has_method(methods, MP_QSTR_readinto) || has_method(methods, MP_QSTR_write)) {
        return ((const mp_stream_p_t *)protocol)->is_text ? &substream_of_text : &substream_of_bytes;
    }
    return NULL;
}

//! What a device says of itself (USB 2.0 9.6), as far as a host needs it to talk to it.

/// An endpoint of the chosen configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its number; bit 7 is set if it sends to the host.
    pub address: u8,
    /// The transfer type: 1 isochronous, 2 bulk, 3 interrupt.
    pub kind: u8,
    /// The most bytes of a packet.
    pub packet_bytes: u16,
    /// Number and class of the interface that it belongs to.
    pub interface: (u8, u8),
}

/// The endpoints that a configuration descriptor, with all that follows it, lists. What is torn is left out.
pub fn endpoints(configuration: &[u8]) -> Vec<Endpoint> {
    let mut interface = (0, 0);
    let mut found = Vec::new();
    for descriptor in parts(configuration) {
        match descriptor {
            [_, 4, number, _, _, class, ..] => interface = (*number, *class),
            [_, 5, address, attributes, low, high, ..] => found.push(Endpoint {
                address: *address,
                kind: attributes & 3,
                packet_bytes: u16::from_le_bytes([*low, *high]) & 0x7FF,
                interface,
            }),
            _ => {}
        }
    }
    found
}

/// Number, class, subclass and protocol of each interface.
pub fn interfaces(configuration: &[u8]) -> Vec<[u8; 4]> {
    let all = parts(configuration);
    all.filter_map(|descriptor| match descriptor {
        // Alternate settings are of the same interface.
        [_, 4, number, 0, _, class, subclass, protocol, ..] => Some([*number, *class, *subclass, *protocol]),
        _ => None,
    })
    .collect()
}

fn parts(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let length = usize::from(*bytes.first()?);
        if length < 2 || length > bytes.len() {
            return None;
        }
        let (part, rest) = bytes.split_at(length);
        bytes = rest;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_belong_to_the_interface_before_them() {
        let configuration = [
            &[9, 2, 39, 0, 2, 1, 0, 0x80, 50][..],
            &[9, 4, 0, 0, 1, 2, 2, 0, 0],
            &[7, 5, 0x82, 3, 8, 0, 255],
            &[9, 4, 1, 0, 1, 10, 0, 0, 0],
            &[7, 5, 0x01, 2, 64, 0, 0],
        ]
        .concat();
        let found = endpoints(&configuration);
        assert_eq!(found[0].interface, (0, 2));
        assert_eq!(
            (found[1].address, found[1].kind, found[1].packet_bytes),
            (1, 2, 64)
        );
        assert_eq!(interfaces(&configuration), [[0, 2, 2, 0], [1, 10, 0, 0]]);
    }

    #[test]
    fn what_is_torn_ends_the_list() {
        assert_eq!(endpoints(&[7, 5, 1]), []);
        assert_eq!(endpoints(&[0, 0, 0]), []);
        assert_eq!(interfaces(&[]), Vec::<[u8; 4]>::new());
    }
}

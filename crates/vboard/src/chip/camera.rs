//! The camera on its connector: what its lines reach, and the way of a picture to the camera interface.

use super::{Chip, DCMI};
use crate::board::Pin;
use chipmodel::bus::video::Scene;
use chipmodel::onchip::dcmi::Lines;
use chipmodel::parts::on_nets::OnNets;
use chipmodel::{Effects, Kernel};

/// What the netlist calls the connector.
const PART: &str = "camera";
/// Its data lines.
const DATA: [&str; 8] = ["Y0", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"];

impl Chip {
    /// Plug a module into the board's camera connector, in the place of what is there. False: the board has none.
    pub fn plug_camera(&mut self, module: Box<dyn OnNets>, fx: &mut Effects) -> bool {
        self.unplug_camera(fx);
        let names = module.pins();
        let at: Option<Vec<(Pin, &'static str)>> = names
            .iter()
            .map(|name| Some((self.nets.pin_of(PART, name)?, *name)))
            .collect();
        let Some(at) = at else { return false };
        self.parts.fit(PART, module, &at, &mut self.nets);
        self.settle_camera(&at, fx);
        true
    }

    /// Pull it out again.
    pub fn unplug_camera(&mut self, fx: &mut Effects) {
        let at = self.parts.remove(PART, &mut self.nets);
        self.devices.dcmi.lose();
        self.settle_camera(&at, fx);
    }

    fn settle_camera(&mut self, at: &[(Pin, &'static str)], fx: &mut Effects) {
        for (pin, _) in at {
            self.settle_pin(*pin, fx);
        }
        self.connect_camera(fx);
        self.look_at(DCMI);
    }

    /// Tell sensor and interface which of their lines lead to each other.
    pub(super) fn connect_camera(&mut self, fx: &Effects) {
        let Chip {
            devices,
            nets,
            wiring,
            parts,
            ..
        } = self;
        let Some(camera) = parts.video() else { return };
        let leads = |pin| wiring.selects(PART, pin, &devices.gpio) && nets.conducts(PART, pin);
        camera.set_clock(
            if leads("XCLK") {
                devices.rcc.clocks().hz(Kernel::Mco1)
            } else {
                0
            },
            fx.now,
        );
        let data = DATA.iter().enumerate();
        devices.dcmi.connect(Lines {
            clocks: ["PCLK", "HREF", "VSYNC"].into_iter().all(leads),
            data: data.fold(0, |lines, (n, pin)| lines | u8::from(leads(pin)) << n),
        });
    }

    /// Tell the interface of the next picture, if it waits for one.
    pub(super) fn announce_picture(&mut self, fx: &mut Effects) {
        if self.devices.dcmi.wants_picture()
            && let Some(timing) = self.parts.video().and_then(|camera| camera.next_picture(fx.now))
        {
            self.devices.dcmi.announce(timing);
            self.look_at(DCMI);
        }
    }

    /// A picture has begun, and the sensor sees this scene; asked for by the interface's `wants_content`.
    pub fn show_scene(&mut self, scene: &Scene, fx: &mut Effects) {
        let carried = self
            .parts
            .video()
            .map_or(Vec::new(), |camera| camera.expose(scene));
        self.devices.dcmi.show(&carried, fx);
        self.look_at(DCMI);
    }
}

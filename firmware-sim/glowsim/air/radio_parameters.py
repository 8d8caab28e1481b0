"""A host's requests for longer packets and the faster PHY: they are accepted, though the virtual air needs neither."""

from __future__ import annotations

import asyncio

from bumble import hci
from bumble.controller import Controller


class RadioParameters(Controller):
    """A controller that supports packet length and PHY commands, which bumble's announces but does not support."""

    def on_hci_le_set_data_length_command(
        self, command: hci.HCI_LE_Set_Data_Length_Command
    ) -> hci.HCI_StatusAndConnectionHandleReturnParameters:
        """Accept the requested packet length, and report it (Core, Vol 4, Part E, 7.8.33)."""
        handle = command.connection_handle
        if self.find_le_connection_by_handle(handle) is None:
            unknown = hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR
            return hci.HCI_StatusAndConnectionHandleReturnParameters(unknown, handle)
        self._say_soon(
            hci.HCI_LE_Data_Length_Change_Event(
                handle, command.tx_octets, command.tx_time, self.supported_max_rx_octets, self.supported_max_rx_time
            )
        )
        return hci.HCI_StatusAndConnectionHandleReturnParameters(hci.HCI_ErrorCode.SUCCESS, handle)

    def on_hci_le_set_phy_command(self, command: hci.HCI_LE_Set_PHY_Command) -> None:
        """Take the fastest of the requested PHYs, 1M if none is requested (Core, Vol 4, Part E, 7.8.49)."""
        handle = command.connection_handle
        if self.find_le_connection_by_handle(handle) is None:
            self._answer(hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, command)
            return
        self._answer(hci.HCI_ErrorCode.SUCCESS, command)
        chosen = (_faster(command.tx_phys), _faster(command.rx_phys))
        self._say_soon(hci.HCI_LE_PHY_Update_Complete_Event(hci.HCI_ErrorCode.SUCCESS, handle, *chosen))

    def _answer(self, status: hci.HCI_ErrorCode, command: hci.HCI_Command) -> None:
        self.send_hci_packet(
            hci.HCI_Command_Status_Event(status=status, num_hci_command_packets=1, command_opcode=command.op_code)
        )

    def _say_soon(self, event: hci.HCI_Event) -> None:
        """Send an event after the answer to the command."""
        asyncio.get_running_loop().call_soon(self.send_hci_packet, event)


def _faster(phys: int) -> hci.Phy:
    return hci.Phy.LE_2M if phys & hci.PhyBit.LE_2M else hci.Phy.LE_1M

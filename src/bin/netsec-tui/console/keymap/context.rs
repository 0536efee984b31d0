//! Where bindings hold.

use super::kebab;
use crate::console::app::Screen;

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Everywhere, also while text is typed.
    Always,
    /// Everywhere but while text is typed.
    Global,
    /// In whatever has rows.
    Motion,
    /// In whatever has columns or choices.
    Sideways,
    Welcome,
    Path,
    Tree,
    Table,
    Filter,
    Save,
    Document,
    Fields,
    Field,
    Drift,
    Column,
    History,
    Find,
    Sides,
    Versions,
    Ledger,
    /// Around versions and ledger, whichever has the focus.
    Registry,
    LedgerFind,
    LedgerDate,
    Verified,
    Aliases,
    /// A change of the registry, step by step.
    Change,
    ChangeText,
    Form,
    /// A field of the form that takes text.
    FormText,
    Live,
    Zoom,
    Log,
    Attach,
    Runs,
    RunFilter,
    RunText,
    Columns,
    Trash,
    Report,
    Threshold,
    Compare,
    ComparisonFile,
    Paste,
    Verdict,
    Near,
    /// Around a verdict, whatever of it has the focus.
    Around,
    Value,
    Url,
    Past,
    PastFind,
    Batch,
    Picker,
    /// In every text field.
    Text,
    Jobs,
    Notices,
    Settings,
    Connections,
    Confirm,
    Reason,
}

impl Context {
    /// Whether plain characters are text here.
    pub fn types(self) -> bool {
        matches!(
            self,
            Context::Path
                | Context::Filter
                | Context::Save
                | Context::Find
                | Context::Sides
                | Context::LedgerFind
                | Context::LedgerDate
                | Context::ChangeText
                | Context::FormText
                | Context::Threshold
                | Context::ComparisonFile
                | Context::RunFilter
                | Context::RunText
                | Context::Paste
                | Context::Value
                | Context::Url
                | Context::PastFind
                | Context::Batch
                | Context::Picker
                | Context::Settings
        )
    }

    /// The name by which settings know it.
    pub fn name(self) -> String {
        kebab(&format!("{self:?}"))
    }

    /// The screen on which it is found.
    pub fn screen(self) -> Option<Screen> {
        use Context as C;
        match self {
            C::Welcome | C::Path | C::Tree | C::Table | C::Filter | C::Save | C::Document | C::Fields | C::Field => {
                Some(Screen::Data)
            }
            C::Drift | C::Column | C::History | C::Find | C::Sides => Some(Screen::Drift),
            C::Versions | C::Ledger | C::Registry | C::LedgerFind | C::LedgerDate | C::Verified => Some(Screen::Models),
            C::Aliases | C::Change | C::ChangeText => Some(Screen::Models),
            C::Form | C::FormText | C::Live | C::Zoom | C::Log | C::Attach => Some(Screen::Train),
            C::Runs | C::RunFilter | C::RunText | C::Columns | C::Trash => Some(Screen::Runs),
            C::Report | C::Threshold | C::Compare | C::ComparisonFile => Some(Screen::Runs),
            C::Paste | C::Verdict | C::Near | C::Around | C::Value | C::Url | C::Past | C::PastFind | C::Batch => {
                Some(Screen::Predict)
            }
            _ => None,
        }
    }
}
